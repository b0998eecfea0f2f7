"use client";

import { Check, Copy } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { joinAll } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import type { InstanceName, TaskRow } from "@/lib/schemas/task.ts";
import type { TransferRow } from "@/lib/schemas/transfer.ts";
import { useCopy } from "../kit/copy-button.tsx";
import { TextAction } from "../kit/text-action.tsx";
import type { Ends } from "./failure-context.ts";
import { skopeoCommand } from "./skopeo-command.ts";

interface ByHandProps {
  task: TaskRow;
  transfer: TransferRow;
  ends: Ends;
  headings: "h2" | "h3";
}

/** 手动验证: the command, and what has to be ready before it is run. */
export function ByHand({ task, transfer, ends, headings: Heading }: ByHandProps) {
  const t = useTranslations("transfers.detail");
  const common = useTranslations("common.copy");
  const locale = useLocale() as Locale;
  const { copied, copy } = useCopy();
  const endOf = ({ id, name }: InstanceName) =>
    ends[id] ?? { host: t("hostOf", { name }), plainHttp: false, username: null, privateCa: false };
  const { command, passwords, certificates } = skopeoCommand(
    {
      ...endOf(task.sourceInstance),
      repository: transfer.repository,
      tag: transfer.tag,
      digest: transfer.targetDigest,
    },
    { ...endOf(transfer.targetInstance), repository: transfer.targetRepository, tag: transfer.tag },
  );
  const Icon = copied ? Check : Copy;
  return (
    <div className="mt-3">
      <div className="mb-1 flex items-center justify-between gap-3">
        <Heading className="font-normal text-ink-3 text-meta">{t("byHand")}</Heading>
        <TextAction onClick={() => void copy(command)} className="gap-1 text-meta">
          <Icon aria-hidden className="size-3.5" />
          {copied ? common("done") : t("copyCommand")}
        </TextAction>
      </div>
      <pre className="whitespace-pre-wrap rounded-sm bg-sunken px-2.5 py-2 text-[12px] leading-5 wrap-anywhere">
        {command}
      </pre>
      {passwords.length > 0 ? (
        <p className="mt-1 text-ink-3 text-meta">
          {t("passwords", { n: passwords.length, names: joinAll(passwords, locale) })}
        </p>
      ) : null}
      {certificates.length > 0 ? (
        <p className="mt-1 text-ink-3 text-meta">
          {t("certificates", { n: certificates.length, folders: joinAll(certificates, locale) })}
        </p>
      ) : null}
    </div>
  );
}
