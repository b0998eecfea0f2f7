"use client";

import clsx from "clsx";
import { useFieldControl } from "./field-control.ts";
import { Tooltip } from "./tooltip.tsx";

interface SwitchProps {
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  /** Needed outside of a `Field`: what it switches, e.g. the rule's name. */
  label?: string;
  /** The change was sent and not yet confirmed. */
  pending?: boolean;
  disabledReason?: string | null;
}

export function Switch({ checked, onCheckedChange, label, pending = false, disabledReason }: SwitchProps) {
  const field = useFieldControl();
  const off = Boolean(disabledReason);
  const control = (
    <button
      {...field}
      type="button"
      role="switch"
      aria-label={label}
      aria-busy={pending || undefined}
      aria-disabled={off || undefined}
      aria-checked={checked}
      onClick={() => {
        if (!off) {
          onCheckedChange(!checked);
        }
      }}
      className={clsx(
        "relative inline-flex h-6 w-[30px] shrink-0 items-center rounded-full align-top max-md:h-11",
        off && "opacity-50",
      )}
    >
      <span
        className={clsx(
          "relative block h-[18px] w-[30px] rounded-full transition-colors duration-(--t-fast)",
          checked ? "bg-azurite" : "bg-slate-fill",
        )}
      >
        <span
          className={clsx(
            "absolute top-[2px] left-[2px] block size-3.5 rounded-full bg-white transition-transform duration-(--t-fast) dark:bg-canvas",
            checked && "translate-x-3",
          )}
        />
      </span>
    </button>
  );
  return off ? <Tooltip content={disabledReason}>{control}</Tooltip> : control;
}
