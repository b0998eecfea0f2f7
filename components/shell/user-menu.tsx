"use client";

import { useTranslations } from "next-intl";
import { signOutAction } from "@/lib/actions/account.ts";
import { Avatar } from "../kit/avatar.tsx";
import { Menu } from "../kit/menu.tsx";
import type { MenuItem } from "../kit/menu-items.ts";
import { useAction } from "../live/use-action.ts";
import { useShortcutHelp } from "./console-shortcuts.tsx";
import type { RailUser, ShellIcons } from "./nav-links.ts";
import { RAIL_LABEL } from "./rail-label.ts";

export function UserMenu({ user, icons }: { user: RailUser; icons: ShellIcons }) {
  const t = useTranslations("common");
  const { password, signOut } = useAccountItems(icons);
  const shortcuts = useTranslations("shortcuts");
  const openHelp = useShortcutHelp();
  const name = user.displayName || user.username;
  return (
    <Menu
      side="top"
      align="start"
      trigger={
        <button type="button" className="flex h-8 min-w-0 flex-1 items-center gap-2.5 rounded-sm text-left">
          <Avatar name={name} onRail />
          <span className={`${RAIL_LABEL} truncate text-rail-ink`}>{name}</span>
          <span className="sr-only">{t("nav.account")}</span>
        </button>
      }
      items={[
        password,
        { kind: "action", label: shortcuts("open"), icon: icons.shortcuts, onSelect: openHelp },
        { kind: "separator" },
        signOut,
      ]}
    />
  );
}

/** What both menus of the account end with; whoever it is called with is named beside signing out. */
export function useAccountItems(icons: ShellIcons, user?: string): Record<"password" | "signOut", MenuItem> {
  const t = useTranslations("common");
  const signOut = useSignOut();
  return {
    password: {
      kind: "link",
      href: "/settings#password",
      label: t("nav.changePassword"),
      icon: icons.password,
    },
    signOut: {
      kind: "action",
      label: user ? (
        <>
          <span className="whitespace-nowrap">{t("nav.signOut")}</span>
          <span className="ml-auto max-w-40 truncate pl-4 text-ink-3">{user}</span>
        </>
      ) : (
        t("nav.signOut")
      ),
      icon: icons.signOut,
      onSelect: signOut,
    },
  };
}

/** Ends the session, then loads /login anew so that nothing of the old session stays in memory. */
function useSignOut(): () => void {
  const { run } = useAction(signOutAction);
  return () =>
    void run({}).then((done) => {
      if (done) {
        window.location.assign("/login");
      }
    });
}
