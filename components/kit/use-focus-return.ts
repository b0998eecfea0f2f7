"use client";

import { useRef } from "react";

/**
 * Radix returns the focus to a trigger of its own only; ours open from anywhere. `remember` when a layer takes the focus,
 * `onCloseAutoFocus` gives it back to where it was: of an entry of a menu that is gone by then, to the menu's button.
 */
export function useFocusReturn() {
  const origin = useRef<HTMLElement | null>(null);
  return {
    remember: () => {
      origin.current = originOf(document.activeElement);
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      if (origin.current?.isConnected) {
        origin.current.focus();
      } else {
        document.getElementById("main")?.focus({ preventScroll: true });
      }
    },
  };
}

function originOf(element: Element | null): HTMLElement | null {
  const button = element?.closest("[role=menu]")?.getAttribute("aria-labelledby");
  const found = button ? document.getElementById(button) : element;
  return found instanceof HTMLElement && found !== document.body ? found : null;
}
