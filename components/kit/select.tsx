"use client";

import clsx from "clsx";
import { ChevronDown, ChevronsUpDown } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useFieldControl } from "./field-control.ts";
import { OnItsWay } from "./on-its-way.tsx";
import type { SelectLook, SelectOption } from "./select-options.ts";

interface SelectProps {
  options: readonly SelectOption[];
  value?: string;
  defaultValue?: string;
  onValueChange?: (value: string) => void;
  name?: string;
  placeholder?: string;
  /** Needed outside of a `Field`. */
  label?: string;
  size?: "sm" | "md" | "lg";
  className?: string;
}

const HEIGHT = { sm: "h-7", md: "h-8", lg: "h-10" } as const;
const OPENS = new Set(["ArrowDown", "ArrowUp", "Enter", " "]);

const load = () => import("./select-layer.tsx").then(({ SelectLayer }) => ({ default: SelectLayer }));
const SelectLayer = lazy(load);

/** One of a few. The list is loaded with the first hover, focus or press. */
export function Select({
  options,
  value,
  defaultValue,
  onValueChange,
  name,
  placeholder,
  label,
  size = "md",
  className,
}: SelectProps) {
  const field = useFieldControl();
  const [opened, setOpened] = useState(false);
  const [own, setOwn] = useState(defaultValue);
  const current = value ?? own;
  const chosen = options.find((option) => option.value === current);
  const Icon = size === "sm" ? ChevronDown : ChevronsUpDown;
  const look: SelectLook = {
    control: {
      ...field,
      ...(label ? { "aria-label": label } : {}),
      className: clsx(
        "control text-left data-placeholder:text-ink-3 max-md:min-h-11",
        HEIGHT[size],
        className,
      ),
    },
    icon: <Icon aria-hidden className="size-3.5" />,
  };
  const closed = (
    <button
      {...look.control}
      type="button"
      role="combobox"
      aria-expanded={false}
      aria-autocomplete="none"
      data-placeholder={chosen ? undefined : ""}
      onPointerEnter={load}
      onFocus={load}
      onClick={() => setOpened(true)}
      onKeyDown={(event) => {
        if (OPENS.has(event.key)) {
          event.preventDefault();
          setOpened(true);
        }
      }}
    >
      <span className="min-w-0 truncate">{chosen?.label ?? placeholder}</span>
      <span aria-hidden className="ml-auto text-ink-3">
        {look.icon}
      </span>
    </button>
  );
  const choose = (next: string) => {
    setOwn(next);
    onValueChange?.(next);
  };
  return (
    <>
      {opened ? (
        <Suspense
          fallback={
            <>
              <OnItsWay layer />
              {closed}
            </>
          }
        >
          <SelectLayer {...{ options, value: current, placeholder, look }} onValueChange={choose} />
        </Suspense>
      ) : (
        closed
      )}
      {name ? <input type="hidden" name={name} value={current ?? ""} /> : null}
    </>
  );
}
