"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { deleteNoticeAction } from "@/lib/actions/notices.ts";
import type { NoticeAddressRow } from "@/lib/schemas/notice.ts";
import { ConfirmDialog } from "../kit/dialog.tsx";
import { showToast } from "../kit/toast.tsx";
import { useAction } from "../live/use-action.ts";

export function RemoveDialog({ address, onClose }: { address: NoticeAddressRow; onClose: () => void }) {
  const t = useTranslations("notices.remove");
  const [refusal, setRefusal] = useState<string | null>(null);
  const { run, busy } = useAction(deleteNoticeAction, (_, sentence) => setRefusal(sentence));
  const { name, waiting } = address;
  const remove = async () => {
    if ((await run({ noticeId: address.id })) !== null) {
      onClose();
      showToast({ message: t("done", { name }) });
    }
  };
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => open || onClose()}
      title={t("title", { name })}
      description={waiting > 0 ? t("body", { n: waiting }) : t("bodyNone")}
      confirmLabel={t("action")}
      tone="danger"
      busy={busy}
      error={refusal}
      onConfirm={() => void remove()}
    />
  );
}
