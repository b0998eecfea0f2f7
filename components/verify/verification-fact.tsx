"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatBytes } from "@/lib/format/bytes.ts";
import { joinClauses } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import type { TransferVerification, VerifyFinding } from "@/lib/schemas/verify-words.ts";
import { Digest } from "../transfers/digest.tsx";

/** What was proven of one transfer, what was lacking, and what lacks still. */
export function VerificationFact({ verification }: { verification: TransferVerification }) {
  const locale = useLocale() as Locale;
  const t = useTranslations("verify.transfer");
  const depth = useTranslations("verify.form.depth");
  const { manifests, blobs, bytesRead, repaired, missing, findings } = verification;
  const whole = manifests + blobs > 0 ? t("whole", { manifests, blobs }) : t("shared");
  const words = [
    depth(verification.depth),
    missing > 0 ? t("missing", { n: missing }) : whole,
    bytesRead > 0 ? t("read", { bytes: formatBytes(bytesRead) }) : null,
    repaired > 0 ? t("repaired", { n: repaired }) : null,
  ].filter((word) => word !== null);
  const more = repaired + missing - findings.length;
  return (
    <>
      {joinClauses(words, locale)}
      {findings.length > 0 ? (
        <ul className="mt-0.5 grid gap-1">
          {findings.map((finding) => (
            <FindingLine
              key={`${finding.kind} ${finding.digest} ${finding.tag} ${finding.subject}`}
              finding={finding}
            />
          ))}
        </ul>
      ) : null}
      {more > 0 ? <span className="text-ink-3">{t("more", { n: more })}</span> : null}
    </>
  );
}

function FindingLine({ finding }: { finding: VerifyFinding }) {
  const t = useTranslations("verify.transfer");
  const { kind, reason, digest, tag, repaired } = finding;
  return (
    <li className="flex flex-wrap items-center gap-x-2">
      <span>{t(`kind.${kind}`)}</span>
      {tag === null ? <Digest digest={digest} /> : <code>{tag}</code>}
      <span className="text-ink-2">{t(`reason.${reason}`)}</span>
      <span className={repaired ? "text-malachite-fg" : "text-cinnabar-fg"}>
        {t(repaired ? "state.repaired" : "state.remains")}
      </span>
    </li>
  );
}
