"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { changePasswordAction } from "@/lib/actions/account.ts";
import { Button } from "../kit/button.tsx";
import { Field } from "../kit/field.tsx";
import { FormError, useFieldErrors } from "../kit/form-error.tsx";
import { SecretInput } from "../kit/input.tsx";
import { showToast } from "../kit/toast.tsx";
import { useFormAction } from "../kit/use-form-action.ts";
import { NewPasswordField } from "./new-password-field.tsx";

/** Changes one's own password; the form starts anew after a change. */
export function PasswordForm({ username }: { username: string }) {
  const [round, setRound] = useState(0);
  return <Round key={round} username={username} onDone={() => setRound(round + 1)} />;
}

function Round({ username, onDone }: { username: string; onDone: () => void }) {
  const t = useTranslations("auth");
  const { state, pending, form } = useFormAction(changePasswordAction, () => {
    showToast({ message: t("account.changed") });
    onDone();
  });
  const error = useFieldErrors(state);
  return (
    <form {...form} className="max-w-[452px] md:[&>div]:grid-cols-[120px_minmax(0,1fr)] md:[&>div]:gap-x-4">
      <input type="hidden" name="username" autoComplete="username" value={username} />
      <Field layout="row" label={t("account.current")} required error={error("current")}>
        <SecretInput name="current" autoComplete="current-password" />
      </Field>
      <NewPasswordField layout="row" label={t("account.new")} error={error("password")} />
      <FormError state={state} />
      <Button
        type="submit"
        variant="primary"
        className="mt-2 md:ml-[136px]"
        busy={pending}
        busyLabel={t("account.submitting")}
      >
        {t("account.submit")}
      </Button>
    </form>
  );
}
