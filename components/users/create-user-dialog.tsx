"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { createUserAction } from "@/lib/actions/users.ts";
import { Field } from "../kit/field.tsx";
import { Input } from "../kit/input.tsx";
import { showToast } from "../kit/toast.tsx";
import { PasswordDialog } from "./password-dialog.tsx";

export function CreateUserDialog({ onOpenChange }: { onOpenChange: (open: boolean) => void }) {
  const t = useTranslations("users.create");
  const auth = useTranslations("auth");
  const router = useRouter();
  return (
    <PasswordDialog
      open
      onOpenChange={onOpenChange}
      title={t("action")}
      body={t("body")}
      action={createUserAction}
      passwordLabel={t("password")}
      submitLabel={t("submit")}
      busyLabel={t("busy")}
      onDone={() => {
        showToast({ message: t("done"), action: { label: t("grant"), href: "/users?view=grants" } });
        router.refresh();
      }}
      fields={(error) => (
        <>
          <Field
            layout="stacked"
            label={auth("username")}
            required
            hint={t("usernameHint")}
            error={error("username")}
          >
            <Input name="username" autoCapitalize="none" />
          </Field>
          <Field layout="stacked" label={auth("displayName")} error={error("displayName")}>
            <Input name="displayName" />
          </Field>
        </>
      )}
    />
  );
}
