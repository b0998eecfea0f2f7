"use client";

import { useLayoutEffect } from "react";

/** Parts of the page that were asked for and are not there yet. */
const coming = { parts: 0, layers: 0 };

/** How many lazily loaded parts, and how many of them will take the focus when they come. */
export function onTheirWay(): Readonly<typeof coming> {
  return coming;
}

/** Stands in for a lazily loaded part: while it does, keys wait (shortcut-registry.ts). `layer`: a dialog, a menu, a list. */
export function OnItsWay({ layer = false }: { layer?: boolean }) {
  useLayoutEffect(() => {
    const by = (step: 1 | -1) => {
      coming.parts += step;
      coming.layers += layer ? step : 0;
    };
    by(1);
    return () => by(-1);
  }, [layer]);
  return null;
}

/** Parts of the page are still to come, or to be taken over from what the server sent. */
export function isUnfinished(): boolean {
  const controls = document.querySelectorAll("main :is(button, input, [data-row])");
  return (
    coming.parts > 0 ||
    document.querySelector("main tr.late") !== null ||
    [...controls].some((control) => !Object.keys(control).some((key) => key.startsWith("__reactFiber")))
  );
}
