import clsx from "clsx";
import { Info, OctagonX, Replace, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

const LOOK = {
  azurite: { icon: Info, ground: "bg-azurite-soft", mark: "text-azurite-fg" },
  gamboge: { icon: TriangleAlert, ground: "bg-gamboge-soft", mark: "text-gamboge-fg" },
  rouge: { icon: Replace, ground: "bg-rouge-soft", mark: "text-rouge-fg" },
  cinnabar: { icon: OctagonX, ground: "bg-cinnabar-soft", mark: "text-cinnabar-fg" },
} as const;

interface NoteProps {
  /** azurite: to know. gamboge: look here. rouge: would overwrite. cinnabar: refused or failed. */
  tone: keyof typeof LOOK;
  /** `alert` for what appears as the answer to an action. */
  role?: "alert" | "status";
  children: ReactNode;
  className?: string;
}

export function Note({ tone, role, children, className }: NoteProps) {
  const { icon: Icon, ground, mark } = LOOK[tone];
  return (
    <div
      role={role}
      className={clsx("flex gap-2 rounded-sm px-3 py-2 text-ink-2 text-meta", ground, className)}
    >
      <Icon aria-hidden className={clsx("mt-0.5 size-3.5 shrink-0 stroke-[1.9]", mark)} />
      <div className="min-w-0 wrap-anywhere">{children}</div>
    </div>
  );
}
