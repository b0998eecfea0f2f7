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
      // Its own box is what is pressed, the track is drawn before it and the knob after it: a list has one a row.
      className={clsx(
        "relative inline-flex h-6 w-[30px] shrink-0 items-center rounded-full align-top max-md:h-11",
        "before:block before:h-[18px] before:w-[30px] before:rounded-full before:transition-colors before:duration-(--t-fast)",
        "after:absolute after:left-[2px] after:size-3.5 after:rounded-full after:bg-white after:transition-transform after:duration-(--t-fast) dark:after:bg-canvas",
        checked ? "before:bg-azurite after:translate-x-3" : "before:bg-slate-fill",
        off && "opacity-50",
      )}
    />
  );
  return off ? <Tooltip content={disabledReason}>{control}</Tooltip> : control;
}
