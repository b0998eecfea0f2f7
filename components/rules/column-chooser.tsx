"use client";

import { Columns3 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { searchHref } from "@/lib/format/search-href.ts";
import { RULE_COLUMNS, type RuleColumn } from "@/lib/schemas/words.ts";
import { Button } from "../kit/button.tsx";
import { Menu } from "../kit/menu.tsx";
import { columnsParam } from "./rule-columns.ts";

/** Which columns stand in the table; kept in the URL, so that a link shows what its sender saw. */
export function ColumnChooser({ shown, search }: { shown: readonly RuleColumn[]; search: string }) {
  const t = useTranslations("rules");
  const router = useRouter();
  const change = (column: RuleColumn, checked: boolean) => {
    const next = checked ? [...shown, column] : shown.filter((other) => other !== column);
    router.replace(searchHref("/rules", search, { columns: columnsParam(next) }), { scroll: false });
  };
  return (
    <Menu
      trigger={
        <Button
          variant="quiet"
          size="sm"
          aria-label={t("columns")}
          title={t("columns")}
          icon={<Columns3 aria-hidden />}
        />
      }
      items={RULE_COLUMNS.map((column) => ({
        kind: "check",
        label: t(`column.${column}`),
        checked: shown.includes(column),
        onChange: (checked) => change(column, checked),
      }))}
    />
  );
}
