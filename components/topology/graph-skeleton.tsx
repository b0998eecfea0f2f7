import { Skeleton } from "../kit/skeleton.tsx";

/** Bars where places will be drawn, in a frame of its own height. */
export function GraphSkeleton() {
  return (
    <div
      aria-hidden
      className="late grid h-full grid-cols-4 content-center justify-items-center gap-8 p-6 max-md:grid-cols-2"
    >
      {[0, 1, 2, 3, 4, 5, 6, 7].map((place) => (
        <Skeleton key={place} width={160} height={48} />
      ))}
    </div>
  );
}
