"use client";

import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useRef } from "react";
import { keepComposing } from "./keep-composing.ts";
import { useFocusReturn } from "./use-focus-return.ts";

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** Sentences under the title; they describe the dialog to assistive technology. */
  description?: ReactNode;
  children: ReactNode;
  width?: number;
}

/** What dialog.tsx shows once it is open. */
export function DialogLayer({ open, onOpenChange, title, description, children, width = 440 }: DialogProps) {
  const content = useRef<HTMLDivElement>(null);
  const focus = useFocusReturn();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fade-in fixed inset-0 z-40 bg-(--overlay)" />
        <Radix.Content
          ref={content}
          onCloseAutoFocus={focus.onCloseAutoFocus}
          onEscapeKeyDown={keepComposing}
          onOpenAutoFocus={(event) => {
            focus.remember();
            const field = content.current?.querySelector<HTMLElement>(
              "input:not([type=hidden]):not([readonly]), textarea, [data-autofocus]",
            );
            if (field) {
              event.preventDefault();
              field.focus();
            }
          }}
          {...(description ? {} : { "aria-describedby": undefined })}
          style={{ maxWidth: width }}
          className="pop fixed inset-x-4 top-[14vh] z-50 mx-auto max-h-[78vh] overflow-y-auto rounded-lg bg-surface p-6 shadow-dialog"
        >
          <Radix.Title className="text-section font-medium wrap-anywhere">{title}</Radix.Title>
          {description ? (
            <Radix.Description asChild>
              {/* In English a Chinese name is one word. */}
              <div className="mt-1.5 text-ink-2 wrap-anywhere [&:lang(en)]:break-keep">{description}</div>
            </Radix.Description>
          ) : null}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
