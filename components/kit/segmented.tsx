"use client";

import clsx from "clsx";
import type { KeyboardEvent, ReactNode } from "react";
import { useFieldControl } from "./field-control.ts";

interface SegmentedProps<Value extends string> {
  options: readonly { value: Value; label: ReactNode; icon?: ReactNode }[];
  value: Value;
  onValueChange: (value: Value) => void;
  name?: string;
  /** Needed outside of a `Field`. */
  label?: string;
}

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** One of a few, all visible: one stop for Tab, arrows choose. */
export function Segmented<Value extends string>({
  options,
  value,
  onValueChange,
  name,
  label,
}: SegmentedProps<Value>) {
  const field = useFieldControl();
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const step = STEPS[event.key];
    if (step === undefined) {
      return;
    }
    event.preventDefault();
    const now = options.findIndex((option) => option.value === value);
    const next = (now + step + options.length) % options.length;
    const chosen = options[next];
    if (chosen) {
      onValueChange(chosen.value);
      (event.currentTarget.children[next] as HTMLElement | undefined)?.focus();
    }
  };
  return (
    <div
      {...field}
      role="radiogroup"
      aria-label={label}
      onKeyDown={move}
      className="inline-flex h-8 rounded-sm shadow-[inset_0_0_0_1px_var(--line-control)] max-md:h-11"
    >
      {options.map((option) => {
        const chosen = option.value === value;
        return (
          // biome-ignore lint/a11y/useSemanticElements: the whole segment is what is pressed
          <button
            key={option.value}
            type="button"
            role="radio"
            aria-checked={chosen}
            tabIndex={chosen ? 0 : -1}
            onClick={() => onValueChange(option.value)}
            className={clsx(
              "inline-flex items-center gap-1.5 px-3 font-medium not-last-of-type:border-line not-last-of-type:border-r first-of-type:rounded-l-sm last-of-type:rounded-r-sm [&_svg]:size-3.5",
              chosen
                ? "bg-azurite-soft text-azurite-fg shadow-[inset_0_0_0_1px_var(--azurite)]"
                : "text-ink-2 hover:text-ink",
            )}
          >
            {option.icon}
            {option.label}
          </button>
        );
      })}
      {name ? <input type="hidden" name={name} value={value} /> : null}
    </div>
  );
}
