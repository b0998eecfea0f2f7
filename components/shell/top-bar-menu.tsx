"use client";

import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Menu } from "../kit/menu.tsx";
import type { MenuItem } from "../kit/menu-items.ts";
import { isCurrent, type ShellIcons } from "./nav-links.ts";
import { useAccountItems } from "./user-menu.tsx";

interface NamedLink {
  href: string;
  label: string;
  icon: ReactNode;
}

interface TopBarMenuProps {
  main: readonly NamedLink[];
  second: readonly NamedLink[];
  /** Who is signed in: the bar itself has no room for it. */
  user: string;
  icons: ShellIcons;
}

/** Every page of the rail, then what is the account's. */
export function TopBarMenu({ main, second, user, icons }: TopBarMenuProps) {
  const t = useTranslations("common");
  const pathname = usePathname();
  const { password, signOut } = useAccountItems(icons, user);
  const itemOf = (link: NamedLink): MenuItem => ({
    kind: "link",
    ...link,
    current: isCurrent(link.href, pathname),
  });
  return (
    <Menu
      items={[
        ...main.map(itemOf),
        { kind: "separator" },
        ...second.map(itemOf),
        { kind: "separator" },
        password,
        signOut,
      ]}
      trigger={
        <button
          type="button"
          aria-label={t("nav.menu")}
          className="flex size-11 items-center justify-center text-rail-ink"
        >
          {icons.menu}
        </button>
      }
    />
  );
}
