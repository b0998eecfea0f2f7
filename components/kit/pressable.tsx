"use client";

import type { ComponentProps } from "react";
import { Tooltip } from "./tooltip.tsx";

export interface PressableProps extends Omit<ComponentProps<"button">, "disabled"> {
  /** Work is under way: ignores clicks. */
  busy?: boolean;
  /** Why it cannot be used now. It stays focusable and tells the reason on hover and focus. */
  disabledReason?: string | null;
}

/** What every button is under its look. */
export function Pressable({
  busy = false,
  disabledReason,
  onClick,
  type = "button",
  ...rest
}: PressableProps) {
  const off = Boolean(disabledReason);
  const button = (
    <button
      {...rest}
      type={type}
      aria-disabled={off || busy || undefined}
      aria-busy={busy || undefined}
      onClick={(event) => {
        if (off || busy) {
          event.preventDefault();
          return;
        }
        onClick?.(event);
      }}
    />
  );
  return off ? <Tooltip content={disabledReason}>{button}</Tooltip> : button;
}
