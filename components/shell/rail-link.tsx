"use client";

import clsx from "clsx";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { Link } from "../kit/link.tsx";
import { isCurrent } from "./nav-links.ts";
import { RAIL_LABEL } from "./rail-label.ts";

/** A page in the rail, marked while one is on it. */
export function RailLink({ href, icon, children }: { href: string; icon: ReactNode; children: ReactNode }) {
  const current = isCurrent(href, usePathname());
  return (
    <Link
      href={href}
      aria-current={current ? "page" : undefined}
      className={clsx(
        "relative mb-px flex h-8 items-center gap-3 rounded-sm px-3 whitespace-nowrap -outline-offset-2",
        current
          ? "bg-rail-2 font-medium text-rail-ink before:absolute before:inset-y-2 before:left-0 before:w-[3px] before:bg-[oklch(0.72_0.13_238)] forced-colors:before:bg-[Highlight]"
          : "hover:text-rail-ink",
      )}
    >
      {icon}
      <span className={RAIL_LABEL}>{children}</span>
    </Link>
  );
}
