"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { setUserDisabledAction } from "@/lib/actions/users.ts";
import type { UserRow } from "@/lib/schemas/user.ts";
import { ConfirmDialog } from "../kit/dialog.tsx";
import { TextAction } from "../kit/text-action.tsx";
import { showToast } from "../kit/toast.tsx";
import { useAction } from "../live/use-action.ts";

/** 停用 asks once, because it signs the user out everywhere; 启用 does not. */
export function DisableUser({ user, disabledReason }: { user: UserRow; disabledReason: string | null }) {
  const t = useTranslations("users");
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const { run, busy } = useAction(setUserDisabledAction);
  const disabled = user.disabledAt !== null;
  const name = user.displayName || user.username;
  const set = async (next: boolean) => {
    const done = await run({ userId: user.id, disabled: next });
    setAsking(false);
    if (done !== null) {
      showToast({ message: t(next ? "disable.done" : "enable.done", { name }) });
      router.refresh();
    }
  };
  return (
    <>
      <TextAction
        busy={busy}
        disabledReason={disabledReason}
        onClick={() => (disabled ? set(false) : setAsking(true))}
        aria-label={t(disabled ? "enableOf" : "disableOf", { name: user.username })}
      >
        {t(disabled ? "enable.action" : "disable.action")}
      </TextAction>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("disable.title", { name })}
        description={t("disable.body")}
        confirmLabel={t("disable.action")}
        tone="danger"
        busy={busy}
        onConfirm={() => set(true)}
      />
    </>
  );
}
