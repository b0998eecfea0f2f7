"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { EventAddress } from "@/lib/schemas/event.ts";
import { SENDER_PROOFS } from "@/lib/schemas/words.ts";
import { CodeBlock } from "../kit/code-block.tsx";
import { CopyButton } from "../kit/copy-button.tsx";
import { snippetFor } from "./snippets.ts";

interface EventStepsProps {
  dialect: EventAddress["dialect"];
  /** Without its secret. */
  url: string;
  /** The token while it may be shown; else what stands for it, and then nothing that holds it can be copied. */
  token: string;
  masked: boolean;
}

/** How to set up the sender: where, what to enter, what to tick. */
export function EventSteps({ dialect, url, token, masked }: EventStepsProps) {
  const t = useTranslations("events");
  const proof = SENDER_PROOFS[dialect];
  const snippet = snippetFor(dialect, url, token);
  const proofLabel = masked ? null : t("copyProof");
  const address = proof === "path" ? `${url}/${token}` : url;
  return (
    <ol className="mt-3 grid gap-2.5">
      <Step n={1}>
        <p>{t(`where.${dialect}`)}</p>
        {snippet ? <CodeBlock copyLabel={masked ? null : t("copySnippet")}>{snippet}</CodeBlock> : null}
      </Step>
      {snippet ? null : (
        <Step n={2}>
          <Value
            label={t("address")}
            value={address}
            copyLabel={masked && proof === "path" ? null : t("copyAddress")}
          />
        </Step>
      )}
      {snippet || proof === "path" ? null : (
        <Step n={3}>
          {proof === "signature" ? (
            <Value label={t("secret")} value={token} copyLabel={proofLabel} />
          ) : (
            <Value
              label={dialect === "tcr" ? t("headerTcr") : t("header")}
              value={dialect === "tcr" ? `Authorization:Bearer ${token}` : `Bearer ${token}`}
              copyLabel={proofLabel}
            />
          )}
        </Step>
      )}
      <Step n={snippet ? 2 : proof === "path" ? 3 : 4}>
        <p>{t(`which.${dialect}`)}</p>
      </Step>
    </ol>
  );
}

function Step({ n, children }: { n: number; children: ReactNode }) {
  return (
    <li className="grid grid-cols-[22px_minmax(0,1fr)] gap-2.5">
      <span
        aria-hidden
        className="mt-px flex size-[22px] items-center justify-center rounded-full bg-azurite-soft font-medium text-azurite-fg text-meta"
      >
        {n}
      </span>
      <div className="grid min-w-0 gap-1.5">{children}</div>
    </li>
  );
}

/** `copyLabel` null: not to be copied. */
function Value({ label, value, copyLabel }: { label: string; value: string; copyLabel: string | null }) {
  return (
    <>
      <p>{label}</p>
      <span className="flex min-h-8 items-center gap-1 rounded-sm bg-surface py-1 pr-1 pl-2.5 shadow-[inset_0_0_0_1px_var(--line-control)]">
        <code className="min-w-0 flex-1 wrap-anywhere text-[12px] leading-5">{value}</code>
        {copyLabel === null ? null : <CopyButton value={value} label={copyLabel} />}
      </span>
    </>
  );
}
