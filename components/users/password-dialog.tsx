"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { NewPasswordField } from "../account/new-password-field.tsx";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { DialogButtons } from "../kit/dialog-buttons.tsx";
import { FormError, useFieldErrors } from "../kit/form-error.tsx";
import { useFormAction } from "../kit/use-form-action.ts";
import type { ServerAction } from "../live/use-action.ts";

interface PasswordFormProps<Result> {
  action: ServerAction<Result>;
  /** Fields before the password; `error` gives the refusal of one by its name. */
  fields: (error: (name: string) => ReactNode) => ReactNode;
  passwordLabel: string;
  submitLabel: string;
  busyLabel: string;
  onDone: () => void;
}

interface PasswordDialogProps<Result> extends PasswordFormProps<Result> {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  body: string;
}

/** Root sets somebody's password: that of a new sub-account, or a new one for an account that is there. */
export function PasswordDialog<Result>(props: PasswordDialogProps<Result>) {
  const { open, onOpenChange, title, body, ...form } = props;
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title} description={body}>
      <PasswordForm {...form} onClose={() => onOpenChange(false)} />
    </Dialog>
  );
}

function PasswordForm<Result>(props: PasswordFormProps<Result> & { onClose: () => void }) {
  const { action, fields, passwordLabel, submitLabel, busyLabel, onDone, onClose } = props;
  const common = useTranslations("common");
  const { state, pending, form } = useFormAction(action, () => {
    onClose();
    onDone();
  });
  const error = useFieldErrors(state);
  return (
    <form {...form} className="mt-4">
      {fields(error)}
      <NewPasswordField label={passwordLabel} error={error("password")} />
      <FormError state={state} />
      <DialogButtons>
        <Button variant="quiet" onClick={onClose}>
          {common("cancel")}
        </Button>
        <Button type="submit" variant="primary" busy={pending} busyLabel={busyLabel}>
          {submitLabel}
        </Button>
      </DialogButtons>
    </form>
  );
}
