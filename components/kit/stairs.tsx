import type { ReactNode } from "react";

/** Source and target climbing in step; `children` are the lines of both. */
export function Stairs({ children }: { children: ReactNode }) {
  return (
    <svg
      viewBox="0 0 360 94"
      fill="none"
      strokeWidth="3"
      aria-hidden="true"
      className="h-auto w-[360px] max-w-full"
    >
      {children}
    </svg>
  );
}
