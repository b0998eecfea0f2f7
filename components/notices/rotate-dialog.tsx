"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { rotateNoticeSecretAction } from "@/lib/actions/notices.ts";
import type { NoticeAddressRow } from "@/lib/schemas/notice.ts";
import { Button } from "../kit/button.tsx";
import { Checkbox } from "../kit/checkbox.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { DialogButtons } from "../kit/dialog-buttons.tsx";
import { AbsoluteTime } from "../kit/relative-time.tsx";
import { useAction } from "../live/use-action.ts";
import { SecretShown } from "./secret-shown.tsx";

/** A new signing secret; the one before may go on for a day. */
export function RotateDialog({ address, onClose }: { address: NoticeAddressRow; onClose: () => void }) {
  const t = useTranslations("notices");
  const common = useTranslations("common");
  const [endPrevious, setEndPrevious] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const { run, busy } = useAction(rotateNoticeSecretAction);
  const { name, previousSecretUntil } = address;
  const rotate = async () => {
    const made = await run({ noticeId: address.id, endPrevious });
    setSecret(made?.secret ?? null);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={t(secret === null ? "rotate.title" : "secret.title", { name })}
      description={secret === null ? t("rotate.body") : undefined}
    >
      {secret === null ? (
        <>
          <div className="mt-3">
            <Checkbox
              checked={endPrevious}
              onCheckedChange={setEndPrevious}
              hint={t("rotate.endPreviousHint")}
            >
              {t("rotate.endPrevious")}
            </Checkbox>
            {previousSecretUntil ? (
              <p className="mt-2 text-ink-3 text-meta">
                {t.rich("secret.previousUntil", { at: () => <AbsoluteTime at={previousSecretUntil} /> })}
              </p>
            ) : null}
          </div>
          <DialogButtons>
            <Button variant="quiet" onClick={onClose}>
              {common("cancel")}
            </Button>
            <Button variant="primary" busy={busy} onClick={() => void rotate()}>
              {t("rotate.submit")}
            </Button>
          </DialogButtons>
        </>
      ) : (
        <SecretShown secret={secret} onClose={onClose} />
      )}
    </Dialog>
  );
}
