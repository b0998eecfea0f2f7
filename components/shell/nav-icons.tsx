import {
  ArrowLeftRight,
  Bell,
  Keyboard,
  KeyRound,
  Languages,
  LayoutDashboard,
  ListChecks,
  LogOut,
  Menu,
  Monitor,
  Moon,
  ScrollText,
  Server,
  Settings2,
  Sun,
  Users,
  Waypoints,
} from "lucide-react";
import type { NavIcons, ShellIcons } from "./nav-links.ts";

/* Drawn on the server: what is drawn in the browser comes with every page as a script. */
const LOOK = { "aria-hidden": true, className: "size-4 shrink-0 stroke-[1.75]" } as const;

export const NAV_ICONS: NavIcons = {
  home: <LayoutDashboard {...LOOK} />,
  rules: <ArrowLeftRight {...LOOK} />,
  tasks: <ListChecks {...LOOK} />,
  instances: <Server {...LOOK} />,
  topology: <Waypoints {...LOOK} />,
  users: <Users {...LOOK} />,
  notifications: <Bell {...LOOK} />,
  audit: <ScrollText {...LOOK} />,
  settings: <Settings2 {...LOOK} />,
};

const SMALL = { "aria-hidden": true, className: "size-3.5 shrink-0" } as const;

export const SHELL_ICONS: ShellIcons = {
  menu: <Menu aria-hidden className="size-4.5" />,
  password: <KeyRound aria-hidden />,
  shortcuts: <Keyboard aria-hidden />,
  signOut: <LogOut aria-hidden />,
  language: <Languages {...SMALL} />,
  theme: { system: <Monitor {...SMALL} />, light: <Sun {...SMALL} />, dark: <Moon {...SMALL} /> },
};
