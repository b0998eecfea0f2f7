import { getTranslations } from "next-intl/server";
import { Link } from "../kit/link.tsx";
import { LocaleSwitch } from "./locale-switch.tsx";
import { Mark } from "./mark.tsx";
import { NAV_ICONS, SHELL_ICONS } from "./nav-icons.tsx";
import { MAIN_LINKS, type NavLink, type RailProps, secondLinks } from "./nav-links.ts";
import { ThemeSwitch } from "./theme-switch.tsx";
import { TopBarMenu } from "./top-bar-menu.tsx";

/** The rail of a narrow screen: 52 px at the top, its links in a menu. */
export async function TopBar({ user }: RailProps) {
  const t = await getTranslations("common");
  const named = ({ href, name }: NavLink) => ({ href, label: t(`nav.${name}`), icon: NAV_ICONS[name] });
  return (
    <header className="sticky top-0 z-30 flex h-[52px] items-center gap-1 bg-rail pr-2 pl-4 text-rail-ink-2 md:hidden">
      <Link href="/" className="mr-auto flex h-11 items-center gap-2.5 text-rail-ink">
        <Mark />
        <span className="font-semibold text-[15px] tracking-[-0.01em]">{t("product")}</span>
      </Link>
      <LocaleSwitch signedIn icon={SHELL_ICONS.language} />
      <ThemeSwitch icons={SHELL_ICONS.theme} />
      <TopBarMenu
        main={MAIN_LINKS.map(named)}
        second={secondLinks(user.role).map(named)}
        user={user.displayName || user.username}
        icons={SHELL_ICONS}
      />
    </header>
  );
}
