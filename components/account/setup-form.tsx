"use client";

import { useTranslations } from "next-intl";
import { claimSetupAction } from "@/lib/actions/account.ts";
import { Button } from "../kit/button.tsx";
import { Field } from "../kit/field.tsx";
import { FormError, useFieldErrors } from "../kit/form-error.tsx";
import { Input, SecretInput } from "../kit/input.tsx";
import { Note } from "../kit/note.tsx";
import { useFormAction } from "../kit/use-form-action.ts";
import { NewPasswordField } from "./new-password-field.tsx";

/** Makes the first root account. A valid token of the link is not shown again; without one it is asked for: two steps in one. */
export function SetupForm({ token, tokenValid }: { token: string; tokenValid: boolean }) {
  const t = useTranslations("auth");
  const { state, pending, form } = useFormAction(claimSetupAction, () =>
    window.location.assign("/instances/new"),
  );
  const fieldError = useFieldErrors(state);
  return (
    <form {...form} className="w-full max-w-[520px]">
      <div className="text-ink-3 text-meta">
        {t(tokenValid ? "setup.progress" : "setup.progressBoth", { n: 2, total: 4 })}
      </div>
      <h1 className="mt-1 mb-1.5">{t(tokenValid ? "setup.steps.root" : "setup.both")}</h1>
      <p className="wrap-anywhere mb-6 break-keep text-ink-2 text-prose">{t("setup.body")}</p>
      {tokenValid ? (
        <input type="hidden" name="token" value={token} />
      ) : (
        <>
          {token ? (
            <Note tone="cinnabar" className="mb-4">
              {t("setup.tokenInvalid")}
            </Note>
          ) : null}
          <Field
            layout="stacked"
            label={t("setup.token")}
            required
            hint={t("setup.tokenHint")}
            error={fieldError("token")}
          >
            <Input name="token" size="lg" mono defaultValue={token} />
          </Field>
        </>
      )}
      <div className="grid gap-x-4 md:grid-cols-2">
        <Field layout="stacked" label={t("username")} required error={fieldError("username")}>
          <Input name="username" size="lg" autoComplete="username" autoCapitalize="none" />
        </Field>
        <Field layout="stacked" label={t("displayName")} error={fieldError("displayName")}>
          <Input name="displayName" size="lg" autoComplete="name" />
        </Field>
      </div>
      <NewPasswordField label={t("password")} size="lg" error={fieldError("password")} />
      <Field layout="stacked" label={t("passwordAgain")} required error={fieldError("passwordAgain")}>
        <SecretInput name="passwordAgain" size="lg" />
      </Field>
      <div className="mb-4 empty:hidden">
        <FormError state={state} />
      </div>
      <div className="mt-2 flex flex-wrap items-center gap-3">
        <Button type="submit" variant="primary" size="lg" busy={pending} busyLabel={t("setup.creating")}>
          {t("setup.next")}
        </Button>
        <span className="ml-auto text-ink-3 text-meta">{t("setup.argon")}</span>
      </div>
    </form>
  );
}
