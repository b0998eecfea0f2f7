"use client";

import { lazy, Suspense, useState } from "react";
import { OnItsWay } from "../kit/on-its-way.tsx";
import type { InstanceChoicesProps } from "./instance-choices.tsx";

const load = () =>
  import("./instance-choices.tsx").then(({ InstanceChoices }) => ({ default: InstanceChoices }));
const Layer = lazy(load);

/** A button that opens the choice of an instance. The list comes with the first press, and is looked through by the server. */
export function InstancePicker(choices: InstanceChoicesProps) {
  const [opened, setOpened] = useState(false);
  const closed = (
    <button
      {...choices.trigger}
      type="button"
      aria-haspopup="dialog"
      aria-expanded={false}
      onPointerEnter={load}
      onFocus={load}
      onClick={() => setOpened(true)}
    />
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
      <Layer {...choices} />
    </Suspense>
  ) : (
    closed
  );
}
