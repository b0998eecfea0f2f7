"use client";

import { useTranslations } from "next-intl";
import { formatCount } from "@/lib/format/ratio.ts";
import type { RuleRow } from "@/lib/schemas/rule.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { DialogButtons } from "../kit/dialog-buttons.tsx";
import { everyDay, successPercent } from "./success-strip.tsx";

/** 查看数据: the numbers of the strip, today first. */
export function RuleDays({ rule, onClose }: { rule: Pick<RuleRow, "name" | "days">; onClose: () => void }) {
  const t = useTranslations("rules.strip");
  const common = useTranslations("common");
  const head = "sticky top-0 bg-surface py-1.5 font-medium text-ink-3 text-right first:text-left";
  const figure = "border-line border-t py-1 text-right";
  return (
    <Dialog open onOpenChange={onClose} title={t("table", { rule: rule.name })} width={480}>
      <section
        aria-label={t("table", { rule: rule.name })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="mt-3 max-h-[50vh] overflow-y-auto"
      >
        <table className="w-full text-meta">
          <thead>
            <tr>
              {(["day", "succeeded", "partial", "failed", "share"] as const).map((column) => (
                <th key={column} scope="col" className={head}>
                  {t(`column.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {everyDay(rule.days)
              .toReversed()
              .map((day) => (
                <tr key={day.day}>
                  <th scope="row" className="border-line border-t py-1 text-left font-normal">
                    {day.day}
                  </th>
                  <td className={figure}>{formatCount(day.succeeded)}</td>
                  <td className={figure}>{formatCount(day.partial)}</td>
                  <td className={figure}>{formatCount(day.failed)}</td>
                  <td className={figure}>{successPercent([day])}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </section>
      <DialogButtons>
        <Button data-autofocus onClick={onClose}>
          {common("close")}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
