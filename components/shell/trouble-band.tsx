"use client";

import { TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ShownTrouble } from "./system-trouble.ts";

/** What is wrong, what goes on regardless and what to do; it goes away by itself. */
export function TroubleBand({ trouble }: { trouble: ShownTrouble }) {
  const t = useTranslations("system.band");
  return (
    <div
      role="status"
      className="flex items-start gap-3 border-line border-b bg-gamboge-soft px-6 py-2.5 max-md:px-4 forced-colors:border-b"
    >
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 stroke-[1.75] text-gamboge-fg" />
      <p className="min-w-0 flex-1 text-pretty text-ink-2">
        <span className="mr-2 font-medium text-ink">{t(`${trouble}.title`)}</span>
        {t(`${trouble}.body`)}
      </p>
    </div>
  );
}
