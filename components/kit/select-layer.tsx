"use client";

import { Check } from "lucide-react";
import { Select as Radix } from "radix-ui";
import { pageNonce } from "./page-nonce.ts";
import type { SelectLook, SelectOption } from "./select-options.ts";

/** Radix reserves the empty string; an option may still have it as its value. */
const EMPTY = " ";
const toRadix = (value: string | undefined) => (value === "" ? EMPTY : value);
const fromRadix = (value: string) => (value === EMPTY ? "" : value);

interface SelectLayerProps {
  options: readonly SelectOption[];
  value: string | undefined;
  placeholder: string | undefined;
  look: SelectLook;
  onValueChange: (value: string) => void;
}

/** Open when it appears: select.tsx loads it with the first press. */
export function SelectLayer({ options, value, placeholder, look, onValueChange }: SelectLayerProps) {
  // Without an option of its own, the empty string is what Radix takes it for: nothing is chosen, the placeholder shows.
  const hasEmpty = options.some((option) => option.value === "");
  return (
    <Radix.Root
      defaultOpen
      value={(hasEmpty ? toRadix(value) : value) ?? ""}
      onValueChange={(next) => onValueChange(fromRadix(next))}
    >
      <Radix.Trigger {...look.control}>
        <span className="min-w-0 truncate">
          <Radix.Value placeholder={placeholder} />
        </span>
        <Radix.Icon className="ml-auto text-ink-3">{look.icon}</Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className="pop z-50 max-h-(--radix-select-content-available-height) max-w-(--radix-select-content-available-width) min-w-(--radix-select-trigger-width) overflow-hidden rounded-md bg-surface shadow-pop"
        >
          <Radix.Viewport nonce={pageNonce()} className="py-1">
            {options.map((option) => (
              <Radix.Item
                key={option.value}
                value={toRadix(option.value) ?? EMPTY}
                className="flex min-h-8 items-center gap-2 px-3 outline-none data-highlighted:bg-hover max-md:min-h-11"
              >
                <span className="min-w-0 truncate">
                  <Radix.ItemText>{option.label}</Radix.ItemText>
                </span>
                {option.note ? <span className="text-meta text-ink-3">{option.note}</span> : null}
                <Radix.ItemIndicator className="ml-auto pl-2 text-azurite-fg">
                  <Check aria-hidden className="size-3.5" />
                </Radix.ItemIndicator>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
