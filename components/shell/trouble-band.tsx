"use client";

import clsx from "clsx";
import { TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ShownTrouble } from "./system-trouble.ts";

/** A page that cannot be made for such a reason says so itself, with its own words (page-error.tsx). */
const OF_DATABASE: ReadonlySet<ShownTrouble> = new Set(["away", "read-only", "full"]);

/** What is wrong, what goes on regardless and what to do; it goes away by itself. Whoever is signed out signs in beside what they wrote. */
export function TroubleBand({ trouble }: { trouble: ShownTrouble }) {
  const t = useTranslations("system.band");
  return (
    <div
      role="status"
      className={clsx(
        "flex items-start gap-3 border-line border-b bg-gamboge-soft px-6 py-2.5 max-md:px-4 forced-colors:border-b",
        trouble === "signed-out" && "sticky top-0 z-30 max-md:top-[52px]",
        OF_DATABASE.has(trouble) && "in-[:root:has([data-trouble-told])]:hidden",
      )}
    >
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 stroke-[1.75] text-gamboge-fg" />
      <p className="min-w-0 flex-1 text-pretty text-ink-2">
        <span className="mr-2 font-medium text-ink">{t(`${trouble}.title`)}</span>
        {t.rich(`${trouble}.body`, {
          code: (command) => <code className="mx-0.5 whitespace-nowrap">{command}</code>,
        })}
        {trouble === "signed-out" ? (
          <a href="/login" target="_blank" rel="noreferrer" className="link ml-2 whitespace-nowrap">
            {t("signed-out.action")}
          </a>
        ) : null}
      </p>
    </div>
  );
}
