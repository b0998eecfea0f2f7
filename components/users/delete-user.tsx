"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { deleteUserAction } from "@/lib/actions/users.ts";
import type { UserRow } from "@/lib/schemas/user.ts";
import { TypeNameDialog } from "../kit/dialog.tsx";
import { showToast } from "../kit/toast.tsx";
import { useAction } from "../live/use-action.ts";

interface UserDialogProps {
  user: UserRow;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function DeleteUserDialog({ user, open, onOpenChange }: UserDialogProps) {
  const t = useTranslations("users.delete");
  const router = useRouter();
  const [refusal, setRefusal] = useState<string | null>(null);
  const { run, busy } = useAction(deleteUserAction, (_, sentence) => setRefusal(sentence));
  const remove = async (confirmName: string) => {
    setRefusal(null);
    if ((await run({ userId: user.id, confirmName })) !== null) {
      onOpenChange(false);
      showToast({ message: t("done", { name: user.username }) });
      router.refresh();
    }
  };
  return (
    <TypeNameDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t("title", { name: user.displayName || user.username })}
      description={t("body")}
      inputLabel={t("input")}
      name={user.username}
      confirmLabel={t("action")}
      busy={busy}
      error={refusal}
      onConfirm={remove}
    />
  );
}
