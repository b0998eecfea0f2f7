"use client";

import clsx from "clsx";
import { ChevronsRight } from "lucide-react";
import { type Look, look } from "./button-look.ts";
import { Pressable, type PressableProps } from "./pressable.tsx";

interface ButtonProps extends PressableProps, Look {
  /** Beside » while it is busy; the width stays. */
  busyLabel?: string;
}

export function Button({ variant, size, icon, busyLabel, className, children, ...press }: ButtonProps) {
  const { busy = false, disabledReason } = press;
  return (
    <Pressable
      {...press}
      className={look({ variant, size, off: Boolean(disabledReason), iconOnly: !children, className })}
    >
      <ButtonContent icon={icon} busy={busy} busyLabel={busyLabel}>
        {children}
      </ButtonContent>
    </Pressable>
  );
}

/** Both labels lie in one grid cell, so the width does not change when work begins. */
function ButtonContent({
  icon,
  busy,
  busyLabel,
  children,
}: Pick<ButtonProps, "icon" | "busy" | "busyLabel" | "children">) {
  if (!children) {
    return busy ? <ChevronsRight aria-hidden className="running-mark" /> : icon;
  }
  return (
    <span className="grid [grid-template-areas:'label'] items-center justify-items-center">
      <span className={clsx("flex items-center gap-1.5 [grid-area:label]", busy && "invisible")}>
        {icon}
        {children}
      </span>
      {busy || busyLabel ? (
        <span className={clsx("flex items-center gap-1.5 [grid-area:label]", !busy && "invisible")}>
          <ChevronsRight aria-hidden className={busy ? "running-mark" : undefined} />
          {busyLabel ?? children}
        </span>
      ) : null}
    </span>
  );
}
