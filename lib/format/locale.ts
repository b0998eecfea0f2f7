import type { LOCALES } from "../schemas/words.ts";

/** The languages of the console and the command line. */
export type Locale = (typeof LOCALES)[number];
