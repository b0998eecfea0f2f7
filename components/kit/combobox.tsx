"use client";

import clsx from "clsx";
import { ChevronsUpDown } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";
import type { ComboboxOption } from "./combobox-list.tsx";
import { useFieldControl } from "./field-control.ts";
import { lazily } from "./lazily.tsx";

const loadList = () => import("./combobox-list.tsx").then((module) => module.ComboboxList);
const ComboboxList = lazily(loadList);

interface ComboboxProps {
  options: readonly ComboboxOption[];
  value: string;
  onValueChange: (value: string) => void;
  /** What is typed counts, also when no option is equal. Otherwise leaving the field restores the last choice. */
  allowTyped?: boolean;
  name?: string;
  placeholder?: string;
  /** Shown instead of options while they load or when there are none. */
  status?: ReactNode;
  mono?: boolean;
  /** In front of the text, e.g. an `InlineLabel`. */
  before?: ReactNode;
  onBlur?: () => void;
  className?: string;
}

/** More are not drawn: who types finds the one. */
const MAX_SHOWN = 200;

/**
 * A field with suggestions: search by typing, choose by arrows and Enter. WAI-ARIA Authoring Practices, "Editable combobox with
 * list autocomplete": the focus stays in the field, the list is walked by `aria-activedescendant`. The list comes with the first focus.
 */
export function Combobox({
  options,
  value,
  onValueChange,
  allowTyped = false,
  name,
  placeholder,
  status,
  mono = false,
  before,
  onBlur,
  className,
}: ComboboxProps) {
  const field = useFieldControl();
  const listId = useId();
  const anchor = useRef<HTMLSpanElement>(null);
  const [open, setOpen] = useState(false);
  const [query, setQuery] = useState<string | null>(null);
  const [at, setAt] = useState(0);
  const found = matching(options, query).slice(0, MAX_SHOWN);
  const shown = open && !(allowTyped && found.length === 0 && !status);
  const text = query ?? options.find((option) => option.value === value)?.label ?? value;

  const show = () => {
    setOpen(true);
    setAt(
      query === null
        ? Math.max(
            0,
            found.findIndex((option) => option.value === value),
          )
        : 0,
    );
  };
  const hide = () => {
    setQuery(null);
    setOpen(false);
  };
  const type = (typed: string) => {
    setQuery(typed);
    setOpen(true);
    setAt(0);
    if (allowTyped) {
      onValueChange(typed);
    }
  };
  const choose = (option: ComboboxOption | undefined) => {
    if (option) {
      onValueChange(option.value);
    }
    hide();
  };
  const press = (event: KeyboardEvent) =>
    pressed(event, {
      shown,
      step: (by) => setAt((at + by + found.length) % Math.max(1, found.length)),
      show,
      hide,
      choose: () => choose(found[at]),
    });

  return (
    <span className={clsx("relative block", className)}>
      <span
        ref={anchor}
        data-invalid={field["aria-invalid"] ? true : undefined}
        className="control h-8 max-md:min-h-11"
      >
        {before}
        <input
          {...field}
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={shown}
          aria-controls={shown ? listId : undefined}
          aria-activedescendant={shown && found[at] ? `${listId}-${at}` : undefined}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          value={text}
          placeholder={placeholder}
          className={clsx("self-stretch", mono && "font-mono text-[12px]")}
          onChange={(event) => type(event.target.value)}
          onFocus={loadList}
          onClick={show}
          onKeyDown={press}
          onBlur={() => {
            hide();
            onBlur?.();
          }}
        />
        <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-ink-3" />
      </span>
      {shown ? (
        <ComboboxList
          {...{ anchor, at, value, status, mono }}
          id={listId}
          options={found}
          onChoose={choose}
        />
      ) : null}
      {name ? <input type="hidden" name={name} value={value} /> : null}
    </span>
  );
}

function matching(options: readonly ComboboxOption[], query: string | null): readonly ComboboxOption[] {
  const needle = (query ?? "").trim().toLowerCase();
  return options.filter((option) => `${option.label ?? ""} ${option.value}`.toLowerCase().includes(needle));
}

interface Walk {
  shown: boolean;
  step: (by: 1 | -1) => void;
  show: () => void;
  hide: () => void;
  choose: () => void;
}

function pressed(event: KeyboardEvent, { shown, step, show, hide, choose }: Walk): void {
  // Enter and Esc end what an input method is composing, and nothing else.
  if (event.nativeEvent.isComposing) {
    return;
  }
  const arrow = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : null;
  if (arrow) {
    event.preventDefault();
    if (shown) {
      step(arrow);
    } else {
      show();
    }
  } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
    event.stopPropagation();
    if (shown) {
      event.preventDefault();
      choose();
    }
  } else if (event.key === "Escape" && shown) {
    event.preventDefault();
    event.stopPropagation();
    hide();
  }
}
