import { NotFound } from "@/components/shell/not-found.tsx";

export default function RootNotFound() {
  return (
    <main className="flex min-h-dvh flex-col bg-surface">
      <NotFound />
    </main>
  );
}
