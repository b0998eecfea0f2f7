"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { verifyRuleAction } from "@/lib/actions/rules.ts";
import type { VerifyDepth } from "@/lib/schemas/verify-words.ts";
import { ConfirmDialog } from "../kit/dialog.tsx";
import { showToast } from "../kit/toast.tsx";
import { useQueryClient } from "../live/query.tsx";
import { useAction } from "../live/use-action.ts";
import { DepthChoice } from "./depth-choice.tsx";

interface VerifyDialogProps {
  rule: { id: string; name: string };
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** 校验: asks how, and starts the task that proves everything of a rule. */
export function VerifyDialog({ rule, open, onOpenChange }: VerifyDialogProps) {
  const t = useTranslations("verify.dialog");
  const toast = useTranslations("rules.toast");
  const client = useQueryClient();
  const [depth, setDepth] = useState<VerifyDepth>("shallow");
  const [failure, setFailure] = useState<string>();
  const { run, busy } = useAction(verifyRuleAction, (_failure, sentence) => setFailure(sentence));
  const start = async () => {
    const started = await run({ ruleId: rule.id, depth });
    if (started) {
      onOpenChange(false);
      showToast({
        tone: "started",
        message: started.joined
          ? toast("joined", { task: `#${started.number}` })
          : t("started", { rule: rule.name }),
        action: { label: toast("viewTask"), href: `/tasks/${started.taskId}` },
      });
      await client.invalidateQueries();
    }
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t("title", { rule: rule.name })}
      description={t("body")}
      confirmLabel={t("confirm")}
      busy={busy}
      error={failure}
      onConfirm={() => void start()}
    >
      <DepthChoice value={depth} onChange={setDepth} />
    </ConfirmDialog>
  );
}
