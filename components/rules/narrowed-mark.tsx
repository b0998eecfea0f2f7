import { ListFilter } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { joinList } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { narrowingOf } from "@/lib/schemas/narrowing.ts";
import type { RuleListRow } from "@/lib/schemas/rule.ts";

/** In a list: that more than its expression narrows a rule, by how many conditions, and on asking which. */
export function NarrowedMark({ rule }: { rule: RuleListRow }) {
  const t = useTranslations("rules.narrowing");
  const locale = useLocale() as Locale;
  const narrowing = narrowingOf(rule);
  if (narrowing === null) {
    return null;
  }
  const { excludeTagPattern, semverRange, newestTags, platforms } = narrowing;
  const conditions = [
    excludeTagPattern === "" ? null : t.markup("exclude", { pattern: () => excludeTagPattern }),
    semverRange === "" ? null : t.markup("semver", { range: () => semverRange }),
    newestTags === null ? null : t("newest", { n: newestTags }),
    platforms === null ? null : t(platforms.mode, { names: joinList(platforms.names, locale) }),
  ].filter((condition) => condition !== null);
  const words = joinList(conditions, locale);
  return (
    <span
      title={words}
      className="ml-1 inline-flex shrink-0 items-center gap-1 rounded-xs bg-sunken px-1.5 text-ink-2 text-meta"
    >
      <ListFilter aria-hidden className="size-3 stroke-[1.75]" />
      <span aria-hidden>{conditions.length}</span>
      <span className="sr-only">{words}</span>
    </span>
  );
}
