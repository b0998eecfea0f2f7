"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { DialogButtons } from "./dialog-buttons.tsx";
import { DialogLayer, type DialogProps } from "./dialog-layer.tsx";
import { Field } from "./field.tsx";
import { Input } from "./input.tsx";

export interface ConfirmProps extends Omit<DialogProps, "children"> {
  confirmLabel: string;
  cancelLabel?: string;
  tone?: "primary" | "danger";
  busy?: boolean;
  /** Why the last try was refused. */
  error?: ReactNode;
  onConfirm: () => void;
  /** What is chosen, between the question and the buttons. */
  children?: ReactNode;
}

const DANGER = "bg-cinnabar! text-on-cinnabar! shadow-none! hover:bg-(--cinnabar-strong)!";

/** Asks once; focus sits on 取消. */
export function ConfirmDialog({
  confirmLabel,
  cancelLabel,
  tone = "primary",
  busy,
  error,
  onConfirm,
  children,
  ...dialog
}: ConfirmProps) {
  const t = useTranslations("common");
  return (
    <DialogLayer {...dialog}>
      {children}
      <DialogError>{error}</DialogError>
      <DialogButtons>
        <Button variant="quiet" data-autofocus onClick={() => dialog.onOpenChange(false)}>
          {cancelLabel ?? t("cancel")}
        </Button>
        <Button
          variant={tone === "danger" ? "danger" : "primary"}
          className={tone === "danger" ? DANGER : undefined}
          busy={busy}
          onClick={onConfirm}
        >
          {confirmLabel}
        </Button>
      </DialogButtons>
    </DialogLayer>
  );
}

export interface TypeNameProps extends Omit<ConfirmProps, "tone" | "onConfirm" | "children"> {
  /** What has to be typed. */
  name: string;
  /** E.g. 输入规则名称以确认 */
  inputLabel: string;
  /** The label says what is to be typed: it is not said again below. */
  nameInLabel?: boolean;
  onConfirm: (typedName: string) => void;
}

/** For what cannot be undone: the name of the thing has to be typed. */
export function TypeNameDialog({
  name,
  inputLabel,
  nameInLabel = false,
  confirmLabel,
  cancelLabel,
  busy,
  error,
  onConfirm,
  ...dialog
}: TypeNameProps) {
  const t = useTranslations("common");
  const [typed, setTyped] = useState("");
  const [missed, setMissed] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim() === name) {
      onConfirm(typed.trim());
    } else {
      setMissed(true);
    }
  };
  return (
    <DialogLayer
      {...dialog}
      onOpenChange={(open) => {
        setTyped("");
        setMissed(false);
        dialog.onOpenChange(open);
      }}
    >
      <form onSubmit={submit} className="mt-3">
        <Field
          layout="stacked"
          label={inputLabel}
          error={missed && typed.trim() !== name ? t("dialog.nameDiffers", { name }) : undefined}
          hint={nameInLabel ? undefined : <code>{name}</code>}
        >
          <Input value={typed} onChange={(event) => setTyped(event.target.value)} />
        </Field>
        <DialogError>{error}</DialogError>
        <DialogButtons>
          <Button variant="quiet" onClick={() => dialog.onOpenChange(false)}>
            {cancelLabel ?? t("cancel")}
          </Button>
          <Button type="submit" variant="danger" className={DANGER} busy={busy}>
            {confirmLabel}
          </Button>
        </DialogButtons>
      </form>
    </DialogLayer>
  );
}

function DialogError({ children }: { children?: ReactNode }) {
  return children ? (
    <p role="alert" className="mt-3 text-cinnabar-fg text-meta">
      {children}
    </p>
  ) : null;
}
