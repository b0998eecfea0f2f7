"use client";

import { useTranslations } from "next-intl";
import { Button } from "../kit/button.tsx";
import { CodeBlock } from "../kit/code-block.tsx";
import { DialogButtons } from "../kit/dialog-buttons.tsx";
import { Note } from "../kit/note.tsx";

/** A signing secret, this once: the dialog closes when it was copied, not before somebody says so. */
export function SecretShown({ secret, onClose }: { secret: string; onClose: () => void }) {
  const t = useTranslations("notices.secret");
  return (
    <div className="mt-3">
      <CodeBlock copyLabel={t("copy")}>{secret}</CodeBlock>
      <Note tone="gamboge" role="status" className="mt-3">
        {t("once")}
      </Note>
      <p className="mt-2 text-ink-3 text-meta">{t("how")}</p>
      <DialogButtons>
        <Button variant="primary" data-autofocus onClick={onClose}>
          {t("done")}
        </Button>
      </DialogButtons>
    </div>
  );
}
