import { DEFAULT_LOCALE, type Locale } from "../schemas/locale.ts";

const BY_LANGUAGE: Readonly<Record<string, Locale>> = { zh: "zh-CN", en: "en" };

/**
 * The language of ours that a browser likes best: any Chinese is 简体中文, any English is English, and without either
 * it is the console's default. RFC 9110, 12.5.4.
 */
export function negotiateLocale(acceptLanguage: string | null): Locale {
  const ranges = (acceptLanguage ?? "").split(",").map((range, index) => {
    const [tag = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    return { language: tag.split("-")[0] ?? "", quality: quality === undefined ? 1 : Number(quality), index };
  });
  const liked = ranges
    .filter(({ language, quality }) => Object.hasOwn(BY_LANGUAGE, language) && quality > 0)
    .toSorted((a, b) => b.quality - a.quality || a.index - b.index);
  return BY_LANGUAGE[liked[0]?.language ?? ""] ?? DEFAULT_LOCALE;
}
