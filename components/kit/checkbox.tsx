"use client";

import clsx from "clsx";
import { Check, Minus } from "lucide-react";
import { type MouseEvent, type ReactNode, useId, useState } from "react";

interface CheckboxProps {
  checked?: boolean | "indeterminate";
  defaultChecked?: boolean;
  /** `shift`: whether the key was held. */
  onCheckedChange?: (checked: boolean, shift: boolean) => void;
  /** Of the box. */
  className?: string;
  name?: string;
  /** Text beside the box; without it give `aria-label`. */
  children?: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  "aria-label"?: string;
}

export function Checkbox({ children, hint, error, ...rest }: CheckboxProps) {
  const id = useId();
  const note = error ?? hint;
  const box = <Box {...rest} id={id} noteId={note ? `${id}-note` : undefined} invalid={Boolean(error)} />;
  if (!children) {
    return box;
  }
  return (
    <div className="flex min-h-8 items-start gap-1 max-md:min-h-11">
      <span className="-ml-1 flex h-8 items-center">{box}</span>
      <div className="py-1.5">
        <label htmlFor={id}>{children}</label>
        {note ? (
          <div id={`${id}-note`} className={clsx("text-meta", error ? "text-cinnabar-fg" : "text-ink-3")}>
            {note}
          </div>
        ) : null}
      </div>
    </div>
  );
}

interface BoxProps extends Omit<CheckboxProps, "children" | "hint" | "error"> {
  id: string;
  noteId: string | undefined;
  invalid: boolean;
}

/** A button, since a third state cannot be written down for an input; its value in a form is that of a hidden one. */
function Box({
  checked,
  defaultChecked = false,
  onCheckedChange,
  name,
  id,
  noteId,
  invalid,
  className,
  ...rest
}: BoxProps) {
  const [own, setOwn] = useState(defaultChecked);
  const state = checked ?? own;
  const mixed = state === "indeterminate";
  const turn = ({ shiftKey }: MouseEvent) => {
    setOwn(state !== true);
    onCheckedChange?.(state !== true, shiftKey);
  };
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      <button
        {...rest}
        id={id}
        type="button"
        role="checkbox"
        aria-checked={mixed ? "mixed" : state}
        aria-describedby={noteId}
        aria-invalid={invalid || undefined}
        onClick={turn}
        onKeyDown={(event) => {
          // Enter sends a form; a box is turned with the space bar.
          if (event.key === "Enter") {
            event.preventDefault();
          }
        }}
        className={clsx("flex size-6 shrink-0 items-center justify-center", className)}
      >
        <span
          className={clsx(
            "flex size-4 items-center justify-center rounded-[3px] text-on-azurite",
            state ? "bg-azurite" : "bg-surface shadow-[inset_0_0_0_1.25px_var(--line-control)]",
            invalid && "shadow-[inset_0_0_0_1.5px_var(--cinnabar-fill)]",
          )}
        >
          {mixed ? <Minus aria-hidden className="size-3 stroke-3" /> : null}
          {state === true ? <Check aria-hidden className="size-3 stroke-3" /> : null}
        </span>
      </button>
      {name && state === true ? <input type="hidden" name={name} value="on" /> : null}
    </>
  );
}
