"use client";

import { useTranslations } from "next-intl";
import { signInAction } from "@/lib/actions/account.ts";
import { Button } from "../kit/button.tsx";
import { Field } from "../kit/field.tsx";
import { FormError, useFieldErrors } from "../kit/form-error.tsx";
import { Input, SecretInput } from "../kit/input.tsx";
import { useFormAction } from "../kit/use-form-action.ts";

export function SignInForm({ next }: { next: string }) {
  const t = useTranslations("auth");
  // A full load: nothing of an earlier session stays in memory.
  const { state, pending, form } = useFormAction(signInAction, () => window.location.assign(next));
  const fieldError = useFieldErrors(state);
  return (
    <form {...form} className="w-full max-w-[352px]">
      <h1 className="mb-7">{t("signIn")}</h1>
      <Field layout="stacked" label={t("username")} error={fieldError("username")}>
        <Input name="username" size="lg" autoComplete="username" autoCapitalize="none" autoFocus required />
      </Field>
      <Field layout="stacked" label={t("password")} error={fieldError("password")}>
        <SecretInput name="password" size="lg" autoComplete="current-password" required />
      </Field>
      <div className="mb-4 empty:hidden">
        <FormError state={state} />
      </div>
      <Button
        type="submit"
        variant="primary"
        size="lg"
        className="w-full"
        busy={pending}
        busyLabel={t("signingIn")}
      >
        {t("signIn")}
      </Button>
      <p className="mt-6 text-ink-3 text-meta">{t("forgot")}</p>
    </form>
  );
}
