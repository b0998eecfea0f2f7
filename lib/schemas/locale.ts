import { z } from "zod";
import { LOCALES } from "./words.ts";

// biome-ignore lint/performance/noBarrelFile: the words of a noun are found beside its schema, and the browser skips the schema
export { LOCALES } from "./words.ts";

export const Locale = z.enum(LOCALES);
export type Locale = z.infer<typeof Locale>;
export const DEFAULT_LOCALE: Locale = "zh-CN";
