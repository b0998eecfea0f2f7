"use client";

import { type ComponentType, type ReactNode, useState } from "react";
import type { ConfirmProps, TypeNameProps } from "./confirm-dialog.tsx";
import type { DialogProps } from "./dialog-layer.tsx";
import { lazily } from "./lazily.tsx";

/** Loaded with its first opening: most visits open none. */
function whenOpened<Props extends { open: boolean }>(
  load: () => Promise<ComponentType<Props>>,
): (props: Props) => ReactNode {
  const Loaded = lazily(load, { layer: true });
  return function WhenOpened(props) {
    const [opened, setOpened] = useState(props.open);
    if (props.open && !opened) {
      setOpened(true);
    }
    return opened ? <Loaded {...props} /> : null;
  };
}

/** Focus goes to the first field, else to the first button; Esc closes; focus returns to where it was. */
export const Dialog = whenOpened<DialogProps>(() =>
  import("./dialog-layer.tsx").then(({ DialogLayer }) => DialogLayer),
);

/** Asks once; focus sits on 取消. */
export const ConfirmDialog = whenOpened<ConfirmProps>(() =>
  import("./confirm-dialog.tsx").then(({ ConfirmDialog }) => ConfirmDialog),
);

/** For what cannot be undone: the name of the thing has to be typed. */
export const TypeNameDialog = whenOpened<TypeNameProps>(() =>
  import("./confirm-dialog.tsx").then(({ TypeNameDialog }) => TypeNameDialog),
);
