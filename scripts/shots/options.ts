import { parseArgs } from "node:util";
import { LANGUAGES, type Language } from "../words.ts";

export const THEMES = ["light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** 1024 px shows the narrow rail; unless asked for by itself it is looked at in one language and theme. */
const WIDTHS = [1440, 1024, 390] as const;
/** Looked at when asked for: between the narrow rail and the top bar, and the narrowest of WCAG 2.2, 1.4.10. */
const MORE_WIDTHS = [800, 320] as const;
export type Width = (typeof WIDTHS | typeof MORE_WIDTHS)[number];

export interface ShotOptions {
  only: readonly string[];
  languages: readonly Language[];
  themes: readonly Theme[];
  widths: readonly Width[];
  list: boolean;
}

/** @throws when an option or its value is not known */
export function shotOptions(args: readonly string[]): ShotOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", multiple: true },
      lang: { type: "string" },
      theme: { type: "string" },
      width: { type: "string" },
      list: { type: "boolean", default: false },
    },
  });
  return {
    only: (values.only ?? []).flatMap((text) => text.split(",")),
    languages: chosen(LANGUAGES, values.lang, "--lang"),
    themes: chosen(THEMES, values.theme, "--theme"),
    widths: values.width ? chosen([...WIDTHS, ...MORE_WIDTHS], values.width, "--width") : WIDTHS,
    list: values.list,
  };
}

function chosen<Value extends string | number>(
  all: readonly Value[],
  wanted: string | undefined,
  option: string,
): readonly Value[] {
  const found = all.filter((value) => wanted === undefined || String(value) === wanted);
  if (found.length === 0) {
    throw new Error(`${option} is one of ${all.join(", ")}`);
  }
  return found;
}
