"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { formatBytes } from "@/lib/format/bytes.ts";
import type { FailureFact, TaskRow } from "@/lib/schemas/task.ts";
import type { TransferRow } from "@/lib/schemas/transfer.ts";
import { lazily } from "../kit/lazily.tsx";
import { AbsoluteTime } from "../kit/relative-time.tsx";
import { FAILED_TEXT } from "../status/look.tsx";
import { TransferStatusBadge } from "../status/transfer-status.tsx";
import { AttemptList } from "./attempt-list.tsx";
import { ByHand } from "./by-hand.tsx";
import { Digest } from "./digest.tsx";
import { type Ends, failureContext } from "./failure-context.ts";
import { FailureTitle } from "./failure-title.tsx";
import { useFailureWords } from "./failure-words.ts";
import { RestingWords } from "./transfer-result.tsx";

// Most images have none.
const TransferReferrers = lazily(() =>
  import("./transfer-referrers.tsx").then((module) => module.TransferReferrers),
);

const VerificationFact = lazily(() =>
  import("../verify/verification-fact.tsx").then((module) => module.VerificationFact),
);

interface TransferDetailProps {
  task: TaskRow;
  transfer: TransferRow;
  ends: Ends;
  /** Level of the headings within: 3 in the aside, which has a title of its own. */
  headings?: "h2" | "h3";
}

/** Nothing was written: why has to be said, where the bytes of others tell what was done. */
const RESTING: ReadonlySet<TransferRow["status"]> = new Set(["skipped", "up-to-date", "stopped"]);

/** All about one transfer: what failed and what to do first, then the artifact, its bytes, and a command to try by hand. */
export function TransferDetail({ task, transfer, ends, headings: Heading = "h3" }: TransferDetailProps) {
  const t = useTranslations("transfers.detail");
  const words = useFailureWords();
  const { failure } = transfer;
  const sentence = failure ? words(failure, failureContext(task, transfer, ends)) : null;
  return (
    <div className="min-w-0">
      <div className="flex flex-wrap items-center gap-2">
        <TransferStatusBadge transfer={transfer} />
        <span className="text-meta text-ink-3">
          {transfer.attempts > 0 ? t("attempt", { n: transfer.attempts }) : null}
          {transfer.endedAt ? (
            <>
              {transfer.attempts > 0 ? <span className="sep">{"·"}</span> : null}
              <AbsoluteTime at={transfer.endedAt} />
            </>
          ) : null}
        </span>
      </div>
      {sentence ? (
        <p className="mt-1.5 font-medium text-section wrap-anywhere">
          <FailureTitle title={sentence.title} />
        </p>
      ) : null}
      {RESTING.has(transfer.status) ? (
        <p className="mt-1.5 text-ink-2">
          <RestingWords transfer={transfer} />
        </p>
      ) : null}
      <Facts task={task} transfer={transfer} ends={ends} />
      {sentence?.advice ? (
        <div className="mt-3 border-line border-t pt-2.5">
          <Heading>{t("advice")}</Heading>
          <p className="mt-0.5 text-ink-2">{sentence.advice}</p>
        </div>
      ) : null}
      <AttemptList task={task} transfer={transfer} ends={ends} headings={Heading} />
      {transfer.fromCharts ? null : <ByHand task={task} transfer={transfer} ends={ends} headings={Heading} />}
    </div>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[76px_minmax(0,1fr)] gap-x-2">
      <dt className="text-ink-3">{label}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </div>
  );
}

function Facts({ task, transfer, ends }: TransferDetailProps) {
  const t = useTranslations("transfers.detail");
  const verify = useTranslations("verify.transfer");
  const { failure } = transfer;
  return (
    <dl className="mt-2.5 grid gap-y-1.5">
      <Fact label={t("artifact")}>
        <code>{`${transfer.repository}:${transfer.tag}`}</code>
        {transfer.digest ? (
          <span className="block">
            <Digest digest={transfer.digest} />
          </span>
        ) : null}
      </Fact>
      <Fact label={t("target")}>
        {transfer.targetInstance.name}
        <code className="block text-ink-2">{`${transfer.targetRepository}:${transfer.tag}`}</code>
        {transfer.targetDigest ? (
          <span className="block">
            <Digest digest={transfer.targetDigest} />
          </span>
        ) : null}
      </Fact>
      {transfer.replacedDigest ? (
        <Fact label={t("replaced")}>
          <Digest digest={transfer.replacedDigest} />
        </Fact>
      ) : null}
      <Fact label={t("bytes")}>
        {t("byteFigures", {
          copied: formatBytes(transfer.bytesCopied),
          reused: formatBytes(transfer.bytesMounted + transfer.bytesSkipped),
        })}
        {transfer.sizeBytes === null ? null : (
          <span className="text-ink-3">{t("size", { bytes: formatBytes(transfer.sizeBytes) })}</span>
        )}
      </Fact>
      {transfer.referrers ? (
        <Fact label={t("referrers.label")}>
          <TransferReferrers referrers={transfer.referrers} />
        </Fact>
      ) : null}
      {transfer.verification ? (
        <Fact label={verify("label")}>
          <VerificationFact verification={transfer.verification} />
        </Fact>
      ) : null}
      {failure ? <FailureFacts task={task} transfer={transfer} ends={ends} /> : null}
    </dl>
  );
}

function FailureFacts({ task, transfer, ends }: TransferDetailProps) {
  const t = useTranslations("transfers.detail");
  const { failure } = transfer;
  if (!failure) {
    return null;
  }
  const end = failure.side === "source" ? task.sourceInstance : transfer.targetInstance;
  return (
    <>
      {failure.side ? (
        <Fact label={t("side")}>
          {t(`sides.${failure.side}`)}
          <span className="sep">{"·"}</span>
          {end.name} <code className="text-ink-3">{ends[end.id]?.host ?? ""}</code>
        </Fact>
      ) : null}
      {failure.request ? (
        <Fact label={t("request")}>
          <code>{failure.request}</code>
        </Fact>
      ) : null}
      <Fact label={t(failure.httpStatus === null ? "code" : "httpStatus")}>
        {failure.httpStatus === null ? null : (
          <span className={`mr-1.5 font-medium ${FAILED_TEXT}`}>{failure.httpStatus}</span>
        )}
        <code className="text-ink-3">{failure.code}</code>
      </Fact>
      {failure.requestId ? (
        <Fact label={t("requestId")}>
          <code className="text-ink-2">{failure.requestId}</code>
        </Fact>
      ) : null}
      {failure.registryMessage ? (
        <Fact label={t(speakerOf(failure))}>
          <code className="block text-ink-2 leading-[18px]">{failure.registryMessage}</code>
        </Fact>
      ) : null}
    </>
  );
}

/** Only an answer is the registry's word: what was compared, dialled or verified we say ourselves. */
function speakerOf({ httpStatus, code }: FailureFact): "said" | "found" | "noted" {
  return httpStatus !== null ? "said" : VERIFY_CODES.has(code) ? "found" : "noted";
}

const VERIFY_CODES: ReadonlySet<string> = new Set([
  "TARGET_LACKS",
  "TARGET_DAMAGED",
  "REFERRER_UNLISTED",
  "TAG_DIFFERS",
]);
