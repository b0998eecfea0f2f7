import type { ReactNode } from "react";
import { Link } from "./link.tsx";

interface FilteredEmptyProps {
  /** The filters in words. */
  children: ReactNode;
  clearLabel: string;
  clearHref: string;
}

/** Filtered to nothing: the heads stay, one line says why and how to get back. */
export function FilteredEmpty({ children, clearLabel, clearHref }: FilteredEmptyProps) {
  return (
    <div className="flex flex-wrap gap-x-3 gap-y-1 px-6 py-5 max-md:px-4">
      <span className="wrap-anywhere">{children}</span>
      <Link href={clearHref} className="link">
        {clearLabel}
      </Link>
    </div>
  );
}
