"use client";

import { useTranslations } from "next-intl";
import { formatCount } from "@/lib/format/ratio.ts";
import type { BulkResult, RefusedRule } from "@/lib/schemas/rule-bulk.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { DialogButtons } from "../kit/dialog-buttons.tsx";
import type { BulkKind } from "./use-bulk.ts";

/** Which rules a bulk action left out, and why, rule by rule. */
export function BulkRefusals({
  kind,
  result,
  onClose,
}: {
  kind: BulkKind;
  result: BulkResult;
  onClose: () => void;
}) {
  const t = useTranslations("rules.bulk");
  const common = useTranslations("common");
  const n = { n: formatCount(result.done), refused: formatCount(result.refused.length) };
  return (
    <Dialog open onOpenChange={onClose} title={t(`partly.${kind}`, n)} width={520}>
      <ul className="mt-3 max-h-[46vh] overflow-y-auto border-line border-t">
        {result.refused.map((rule) => (
          <Refused key={rule.ruleId} rule={rule} />
        ))}
      </ul>
      <DialogButtons>
        <Button data-autofocus onClick={onClose}>
          {common("close")}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}

function Refused({ rule }: { rule: RefusedRule }) {
  const t = useTranslations("rules.bulk");
  const errors = useTranslations("errors");
  return (
    <li className="border-line border-b py-1.5">
      <div className="font-medium wrap-anywhere">{rule.name ?? t("gone")}</div>
      <div className="text-ink-2 text-meta wrap-anywhere">
        {errors.has(rule.reason) ? errors(rule.reason, rule.values) : rule.reason}
      </div>
    </li>
  );
}
