"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { Menu } from "../kit/menu.tsx";
import type { MenuItem } from "../kit/menu-items.ts";
import { LocaleSwitch } from "./locale-switch.tsx";
import { Mark } from "./mark.tsx";
import { isCurrent, MAIN_LINKS, type NavLink, type RailProps, secondLinks } from "./nav-links.ts";
import { ThemeSwitch } from "./theme-switch.tsx";
import { useSignOut } from "./user-menu.tsx";

/** The rail of a narrow screen: 52 px at the top, its links in a menu. */
export function TopBar({ user, icons, shellIcons }: RailProps) {
  const t = useTranslations("common");
  const signOut = useSignOut();
  const pathname = usePathname();
  const linkItem = ({ href, name }: NavLink): MenuItem => ({
    kind: "link",
    href,
    label: t(`nav.${name}`),
    icon: icons[name],
    current: isCurrent(href, pathname),
  });
  const items: MenuItem[] = [
    ...MAIN_LINKS.map(linkItem),
    { kind: "separator" },
    ...secondLinks(user.role).map(linkItem),
    { kind: "separator" },
    {
      kind: "link",
      href: "/settings#password",
      label: t("nav.changePassword"),
      icon: shellIcons.password,
    },
    { kind: "action", label: t("nav.signOut"), icon: shellIcons.signOut, onSelect: signOut },
  ];
  return (
    <header className="sticky top-0 z-30 flex h-[52px] items-center gap-1 bg-rail pr-2 pl-4 text-rail-ink-2 md:hidden">
      <Link href="/" className="mr-auto flex h-11 items-center gap-2.5 text-rail-ink">
        <Mark />
        <span className="font-semibold text-[15px] tracking-[-0.01em]">{t("product")}</span>
      </Link>
      <LocaleSwitch signedIn icon={shellIcons.language} />
      <ThemeSwitch icons={shellIcons.theme} />
      <Menu
        items={items}
        trigger={
          <button
            type="button"
            aria-label={t("nav.menu")}
            className="flex size-11 items-center justify-center text-rail-ink"
          >
            {shellIcons.menu}
          </button>
        }
      />
    </header>
  );
}
