import type { ReactNode } from "react";

export type MenuItem =
  | {
      kind: "link";
      label: ReactNode;
      href: string;
      icon?: ReactNode;
      /** The page one is on. */
      current?: boolean;
    }
  | {
      kind: "action";
      label: ReactNode;
      onSelect: () => void;
      icon?: ReactNode;
      danger?: boolean;
      /** Present: cannot be chosen, and this is why. */
      disabledReason?: string | null;
    }
  | {
      /** Something that is on or off; the menu stays open. */
      kind: "check";
      label: ReactNode;
      checked: boolean;
      onChange: (checked: boolean) => void;
    }
  | { kind: "separator" };

export interface MenuProps {
  /** The button that opens it. */
  trigger: ReactNode;
  /** A function is asked when the menu opens. */
  items: readonly MenuItem[] | (() => readonly MenuItem[]);
  align?: "start" | "end";
  side?: "top" | "bottom";
}
