import clsx from "clsx";
import { getTranslations } from "next-intl/server";
import { Link } from "../kit/link.tsx";
import { LocaleSwitch } from "./locale-switch.tsx";
import { Mark } from "./mark.tsx";
import { NAV_ICONS, SHELL_ICONS } from "./nav-icons.tsx";
import { MAIN_LINKS, type NavLink, type RailProps, secondLinks } from "./nav-links.ts";
import { RAIL_LABEL } from "./rail-label.ts";
import { RailLink } from "./rail-link.tsx";
import { RunningTasks } from "./running-tasks.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";
import { UserMenu } from "./user-menu.tsx";

/**
 * The ink band at the left: 196 px; below 1280 px 56 px of icons, whose labels come with the pointer or the keyboard's focus;
 * a top bar below 768 px (top-bar.tsx). Drawn on the server: every page would carry it as a script.
 */
export async function Rail({ user }: RailProps) {
  const t = await getTranslations("common");
  const linkOf = ({ href, name }: NavLink) => (
    <RailLink key={href} href={href} icon={NAV_ICONS[name]}>
      {t(`nav.${name}`)}
    </RailLink>
  );
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
        {MAIN_LINKS.map(linkOf)}
        <div className="mx-3 my-3 h-px bg-rail-line" />
        {secondLinks(user.role).map(linkOf)}
      </nav>
      <RunningTasks />
      <div className="mx-4 flex w-[164px] shrink-0 items-center gap-2 border-rail-line border-t py-3 xl:mx-5 xl:w-[156px]">
        <UserMenu user={user} icons={SHELL_ICONS} />
        <LocaleSwitch signedIn icon={SHELL_ICONS.language} />
        <ThemeSwitch icons={SHELL_ICONS.theme} />
      </div>
    </header>
  );
}
