"use client";

import { X } from "lucide-react";
import { useTranslations } from "next-intl";

export interface ChosenFilter {
  label: string;
  clear: () => void;
}

/** The heading of the table and what it is filtered by, each with its way out. */
export function FilterBar({ filters, note }: { filters: readonly ChosenFilter[]; note: boolean }) {
  const t = useTranslations("topology");
  return (
    <div className="flex min-h-13 flex-wrap items-center gap-x-3 gap-y-1 px-6 py-2 max-md:px-4">
      <h2 className="text-section">{t("table.title")}</h2>
      {filters.map(({ label, clear }) => (
        <button
          key={label}
          type="button"
          onClick={clear}
          aria-label={t("filter.clear", { what: label })}
          className="flex h-7 items-center gap-1.5 rounded-sm bg-azurite-soft px-2 font-medium text-azurite-fg max-md:h-11"
        >
          {label}
          <X aria-hidden className="size-3.5" />
        </button>
      ))}
      {note && filters.length === 0 ? <p className="text-ink-3 text-meta">{t("table.note")}</p> : null}
    </div>
  );
}
