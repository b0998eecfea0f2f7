import type { ReactNode } from "react";

/** Two fields on one line, the first with its label left: both controls are equally wide. One below the other where it is narrow. */
export function FieldPair({ children }: { children: ReactNode }) {
  return (
    <div className="grid gap-x-3 gap-y-1.5 md:grid-cols-[calc(50%+var(--label-w)/2)_minmax(0,1fr)] max-md:[&>:last-child]:-mt-1">
      {children}
    </div>
  );
}
