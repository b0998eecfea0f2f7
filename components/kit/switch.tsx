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
      className={clsx("switch", off && "opacity-50")}
    />
  );
  return off ? <Tooltip content={disabledReason}>{control}</Tooltip> : control;
}
