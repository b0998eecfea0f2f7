"use client";

import { CircleCheck, OctagonX } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useState } from "react";
import { testNoticeAction } from "@/lib/actions/notices.ts";
import type { Locale } from "@/lib/format/locale.ts";
import type { NoticeAddressRow, NoticeTestResult } from "@/lib/schemas/notice.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { DialogButtons } from "../kit/dialog-buttons.tsx";
import { Note } from "../kit/note.tsx";
import { useAction } from "../live/use-action.ts";
import { useFailureWords } from "./failure-words.ts";

/** Sends a sample as it opens, and shows what the receiver says of it. */
export function TestDialog({ address, onClose }: { address: NoticeAddressRow; onClose: () => void }) {
  const t = useTranslations("notices.test");
  const [result, setResult] = useState<NoticeTestResult | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const { run, busy } = useAction(testNoticeAction, (_, sentence) => setRefusal(sentence));
  const send = async () => {
    setResult(null);
    setRefusal(null);
    setResult(await run({ noticeId: address.id }));
  };
  const sendFirst = useEffectEvent(send);
  useEffect(() => void sendFirst(), []);
  return (
    <Dialog open onOpenChange={(open) => open || onClose()} title={t("title", { name: address.name })}>
      <div role="status" className="mt-3 min-h-24">
        {result ? <Result result={result} /> : null}
        {result === null && refusal === null ? <p className="text-ink-2">{t("busy")}</p> : null}
        {refusal ? <Note tone="cinnabar">{refusal}</Note> : null}
      </div>
      <DialogButtons>
        <Button variant="quiet" data-autofocus onClick={onClose}>
          {t("close")}
        </Button>
        <Button busy={busy} onClick={() => void send()}>
          {t("again")}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}

function Result({ result }: { result: NoticeTestResult }) {
  const t = useTranslations("notices.test");
  const locale = useLocale() as Locale;
  const words = useFailureWords();
  const { sent, reason, httpStatus, answer, elapsedMs } = result;
  const Icon = sent ? CircleCheck : OctagonX;
  const why = words(reason);
  return (
    <>
      <p
        className={`flex items-center gap-1.5 font-medium ${sent ? "text-malachite-fg" : "text-cinnabar-fg"}`}
      >
        <Icon aria-hidden className="size-4" />
        {t(sent ? "sent" : "failed")}
        {httpStatus === null ? null : (
          <span className="ml-1 font-normal text-ink-3">
            {t("status", { status: String(httpStatus), duration: elapsed(elapsedMs ?? 0, locale) })}
          </span>
        )}
      </p>
      {why ? <p className="mt-1.5">{why}</p> : null}
      {httpStatus === null ? null : (
        <>
          <h3 className="mt-3 text-ink-3 text-meta">{t("answer")}</h3>
          {answer ? (
            <pre className="mt-1 max-h-48 overflow-y-auto whitespace-pre-wrap rounded-sm bg-sunken px-2.5 py-2 text-[12px] leading-5 wrap-anywhere">
              {answer}
            </pre>
          ) : (
            <p className="text-ink-2">{t("noAnswer")}</p>
          )}
        </>
      )}
    </>
  );
}

/** Milliseconds below a second: an answer takes that long. */
function elapsed(ms: number, locale: Locale): string {
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: ms < 1000 ? "millisecond" : "second",
    maximumFractionDigits: 1,
  }).format(ms < 1000 ? ms : ms / 1000);
}
