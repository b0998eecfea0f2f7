import clsx from "clsx";
import type { ReactNode } from "react";
import { Link } from "./link.tsx";

interface TabsProps {
  label: string;
  items: readonly { href: string; label: ReactNode; count?: number; current: boolean }[];
  /** `line`: a row of its own under the head. `head`: inside the title row. */
  look?: "line" | "head";
}

/** Tabs that are links: each has an address of its own. */
export function Tabs({ label, items, look = "line" }: TabsProps) {
  return (
    <nav
      aria-label={label}
      className={clsx(
        "flex shrink-0 gap-6",
        look === "line" && "overflow-x-auto border-line border-b px-6 max-md:px-4",
      )}
    >
      {items.map((item) => (
        <Link
          key={item.href}
          chosen={item.current}
          href={item.href}
          aria-current={item.current ? "page" : undefined}
          className={clsx(
            "relative flex items-center gap-1.5 whitespace-nowrap",
            look === "line" ? "h-9 max-md:h-11" : "h-16 max-md:h-11",
            item.current
              ? "font-medium text-ink after:absolute after:inset-x-0 after:-bottom-px after:h-[2px] after:bg-azurite"
              : "text-ink-3 hover:text-ink",
          )}
        >
          {item.label}
          {item.count === undefined ? null : <span className="text-ink-3">{item.count}</span>}
        </Link>
      ))}
    </nav>
  );
}
