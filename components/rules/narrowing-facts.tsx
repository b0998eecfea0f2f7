import { useLocale, useTranslations } from "next-intl";
import { joinList } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import type { Narrowing } from "@/lib/schemas/narrowing.ts";

/** What narrows a rule, one after the other in the order in which it is applied. */
export function NarrowingFacts({ narrowing }: { narrowing: Narrowing }) {
  const t = useTranslations("rules.narrowing");
  const locale = useLocale() as Locale;
  const { excludeTagPattern, semverRange, newestTags, platforms } = narrowing;
  const code = (text: string) => () => <code className="ms-0.5 text-ink-2 wrap-anywhere">{text}</code>;
  return (
    <>
      {excludeTagPattern === "" ? null : (
        <span>{t.rich("exclude", { pattern: code(excludeTagPattern) })}</span>
      )}
      {semverRange === "" ? null : <span>{t.rich("semver", { range: code(semverRange) })}</span>}
      {newestTags === null ? null : <span>{t("newest", { n: newestTags })}</span>}
      {platforms === null ? null : (
        <span>{t(platforms.mode, { names: joinList(platforms.names, locale) })}</span>
      )}
    </>
  );
}
