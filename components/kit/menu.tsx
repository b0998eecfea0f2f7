"use client";

import { lazy, Suspense, useState } from "react";
import type { MenuProps } from "./menu-items.ts";
import { OnItsWay } from "./on-its-way.tsx";
import { Slot } from "./slot.tsx";

const load = () => import("./menu-layer.tsx").then(({ MenuLayer }) => ({ default: MenuLayer }));
const MenuLayer = lazy(load);

/** The menu itself comes with the first hover, focus or press: most visits never open one. */
export function Menu(props: MenuProps) {
  const [opened, setOpened] = useState<"pointer" | "keyboard" | null>(null);
  const closed = (
    <Slot
      aria-haspopup="menu"
      aria-expanded={opened !== null}
      onPointerEnter={load}
      onFocus={load}
      onClick={(event) => setOpened(event.detail === 0 ? "keyboard" : "pointer")}
      onKeyDown={(event) => {
        if (event.key === "ArrowDown") {
          event.preventDefault();
          setOpened("keyboard");
        }
      }}
    >
      {props.trigger}
    </Slot>
  );
  return opened ? (
    <Suspense
      fallback={
        <>
          <OnItsWay layer />
          {closed}
        </>
      }
    >
      <MenuLayer {...props} openedBy={opened} />
    </Suspense>
  ) : (
    closed
  );
}
