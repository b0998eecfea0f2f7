"use client";

import { useTranslations } from "next-intl";
import { resetPasswordAction } from "@/lib/actions/users.ts";
import type { UserRow } from "@/lib/schemas/user.ts";
import { showToast } from "../kit/toast.tsx";
import { PasswordDialog } from "./password-dialog.tsx";

interface ResetPasswordDialogProps {
  user: UserRow;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function ResetPasswordDialog({ user, open, onOpenChange }: ResetPasswordDialogProps) {
  const t = useTranslations("users.reset");
  const auth = useTranslations("auth");
  return (
    <PasswordDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t("title", { name: user.displayName || user.username })}
      body={t("body")}
      action={resetPasswordAction}
      passwordLabel={auth("account.new")}
      submitLabel={t("action")}
      busyLabel={t("busy")}
      onDone={() => showToast({ message: t("done", { name: user.username }) })}
      fields={() => <input type="hidden" name="userId" value={user.id} />}
    />
  );
}
