import clsx from "clsx";
import type { ReactNode } from "react";
import { Link } from "./link.tsx";

interface FilterChipProps {
  href: string;
  active: boolean;
  /** Shape and colour of the status it filters by. */
  icon?: ReactNode;
  count?: number;
  children: ReactNode;
}

/** A filter with its count; a count of zero stays visible. */
export function FilterChip({ href, active, icon, count, children }: FilterChipProps) {
  return (
    <Link
      chosen={active}
      href={href}
      scroll={false}
      aria-current={active ? "true" : undefined}
      className={clsx(
        "inline-flex h-7 shrink-0 items-center gap-1.5 rounded-sm px-2 font-medium whitespace-nowrap max-md:h-11",
        active ? "bg-azurite-soft text-azurite-fg" : "text-ink-2 hover:bg-hover hover:text-ink",
      )}
    >
      {icon}
      {children}
      {count === undefined ? null : <span className={active ? undefined : "text-ink-3"}>{count}</span>}
    </Link>
  );
}

interface FilterRowProps {
  label: string;
  /** Something stands beside the list: the row may be too narrow on a wide screen too. */
  narrow?: boolean;
  className?: string;
  children: ReactNode;
}

/** The row of chips; scrolls sideways where it is too narrow, as on a phone. There chips fade, rather than end within a word. */
export function FilterRow({ label, narrow = false, className, children }: FilterRowProps) {
  return (
    <nav
      aria-label={label}
      className={clsx(
        "flex min-w-0 items-center gap-1 overflow-x-auto",
        narrow ? "mask-r-from-[calc(100%-28px)] pr-7" : "max-md:mask-r-from-[calc(100%-28px)] max-md:pr-7",
        className,
      )}
    >
      {children}
    </nav>
  );
}
