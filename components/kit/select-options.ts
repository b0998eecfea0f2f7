import type { ReactNode } from "react";
import type { useFieldControl } from "./field-control.ts";

export interface SelectOption {
  value: string;
  label: ReactNode;
  /** Second, quiet part of the line. */
  note?: ReactNode;
}

/** What the closed control and the loaded one have in common. */
export interface SelectLook {
  control: ReturnType<typeof useFieldControl> & { "aria-label"?: string; className: string };
  icon: ReactNode;
}
