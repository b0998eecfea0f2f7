"use client";

import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { AsideHead } from "./aside-head.tsx";
import { useFocusReturn } from "./use-focus-return.ts";

interface DrawerProps {
  title: string;
  width: number;
  onClose: () => void;
  children: ReactNode;
}

/** An aside where there is no room beside the page. */
export function Drawer({ title, width, onClose, children }: DrawerProps) {
  const focus = useFocusReturn();
  return (
    <Dialog.Root open onOpenChange={(open) => open || onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fade-in fixed inset-0 z-40 bg-(--overlay)" />
        <Dialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={focus.remember}
          onCloseAutoFocus={focus.onCloseAutoFocus}
          style={{ maxWidth: width }}
          className="drawer-in fixed inset-y-0 right-0 z-50 w-full overflow-y-auto bg-canvas px-6 py-4 shadow-dialog"
        >
          <AsideHead
            title={<Dialog.Title className="text-section">{title}</Dialog.Title>}
            onClose={onClose}
          />
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
