"use client";

import clsx from "clsx";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { LocaleSwitch } from "./locale-switch.tsx";
import { Mark } from "./mark.tsx";
import { isCurrent, MAIN_LINKS, type NavLink, type RailProps, secondLinks } from "./nav-links.ts";
import { RAIL_LABEL } from "./rail-label.ts";
import { RunningTasks } from "./running-tasks.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";
import { UserMenu } from "./user-menu.tsx";

/**
 * The ink band at the left: 196 px; below 1280 px 56 px of icons, whose labels come with the pointer or the keyboard's focus;
 * a top bar below 768 px (top-bar.tsx).
 */
export function Rail({ user, icons, shellIcons }: RailProps) {
  const t = useTranslations("common");
  return (
    <header className="group/rail fixed inset-y-0 left-0 z-30 flex w-14 flex-col overflow-hidden bg-rail text-rail-ink-2 transition-[width] duration-(--t-base) hover:w-(--rail-w) has-focus-visible:w-(--rail-w) has-aria-expanded:w-(--rail-w) max-md:hidden xl:w-(--rail-w) forced-colors:border-r">
      <Link
        href="/"
        className="flex h-14 w-(--rail-w) shrink-0 items-center gap-2.5 px-[17px] text-rail-ink xl:px-5"
      >
        <Mark />
        <span className={clsx(RAIL_LABEL, "font-semibold text-[15px] tracking-[-0.01em]")}>
          {t("product")}
        </span>
      </Link>
      <nav
        aria-label={t("nav.label")}
        className="min-h-0 flex-1 overflow-y-auto overflow-x-hidden px-2 pt-1 [scrollbar-width:none]"
      >
        {MAIN_LINKS.map((link) => (
          <RailLink key={link.href} {...link} icon={icons[link.name]} />
        ))}
        <div className="mx-3 my-3 h-px bg-rail-line" />
        {secondLinks(user.role).map((link) => (
          <RailLink key={link.href} {...link} icon={icons[link.name]} />
        ))}
      </nav>
      <RunningTasks />
      <div className="mx-4 flex w-[164px] shrink-0 items-center gap-2 border-rail-line border-t py-3 xl:mx-5 xl:w-[156px]">
        <UserMenu user={user} icons={shellIcons} />
        <LocaleSwitch signedIn icon={shellIcons.language} />
        <ThemeSwitch icons={shellIcons.theme} />
      </div>
    </header>
  );
}

function RailLink({ href, name, icon }: NavLink & { icon: ReactNode }) {
  const t = useTranslations("common");
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
      <span className={RAIL_LABEL}>{t(`nav.${name}`)}</span>
    </Link>
  );
}
