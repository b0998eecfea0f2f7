import type { ReactNode } from "react";
import type { Theme } from "./theme-switch.tsx";

export interface NavLink {
  href: string;
  /** Key of `common.nav`. */
  name:
    | "home"
    | "rules"
    | "tasks"
    | "instances"
    | "topology"
    | "users"
    | "notifications"
    | "audit"
    | "settings";
}

/** Drawn on the server (nav-icons.tsx): no page carries them in its scripts. */
export type NavIcons = Readonly<Record<NavLink["name"], ReactNode>>;

/** The same of what is no page. */
export type ShellIcons = Readonly<
  Record<"menu" | "password" | "shortcuts" | "signOut" | "language", ReactNode> & {
    theme: Record<Theme, ReactNode>;
  }
>;

/** Whose console it is, as the rail shows them. */
export interface RailUser {
  username: string;
  displayName: string;
  role: "root" | "sub-account";
}

export interface RailProps {
  user: RailUser;
}

/** In the order of the rail; the menu of a narrow screen has the same. */
export const MAIN_LINKS: readonly NavLink[] = [
  { href: "/", name: "home" },
  { href: "/rules", name: "rules" },
  { href: "/tasks", name: "tasks" },
  { href: "/instances", name: "instances" },
  { href: "/topology", name: "topology" },
];

const ROOT_LINKS: readonly NavLink[] = [
  { href: "/users", name: "users" },
  { href: "/notifications", name: "notifications" },
  { href: "/audit", name: "audit" },
];
const SETTINGS: NavLink = { href: "/settings", name: "settings" };

/** Below the line: what root keeps, and settings, which everybody has. */
export function secondLinks(role: "root" | "sub-account"): readonly NavLink[] {
  return role === "root" ? [...ROOT_LINKS, SETTINGS] : [SETTINGS];
}

/** Pages below `/transfers` belong to tasks. */
export function isCurrent(href: string, pathname: string): boolean {
  if (href === "/") {
    return pathname === "/";
  }
  const own = pathname.startsWith("/transfers/") ? "/tasks" : pathname;
  return own === href || own.startsWith(`${href}/`);
}
