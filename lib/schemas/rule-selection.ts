import { z } from "zod";
import { compileVersionRange, MAX_RANGE_LENGTH } from "../pattern/version-range.ts";
import { MOST_PLATFORMS, PLATFORM_MODES, PLATFORM_NAME } from "./platform.ts";
import { Pattern } from "./rule-fields.ts";

/** Tags of one repository: more than anybody keeps. */
export const MOST_NEWEST_TAGS = 10_000;

const VersionRange = z
  .string()
  .trim()
  .max(MAX_RANGE_LENGTH, "too-long-256")
  .refine((range) => compileVersionRange(range) !== null, "version-range-invalid")
  .default("");

const PlatformName = z.string().regex(PLATFORM_NAME, "platform-invalid");

const Platforms = z
  .object({
    mode: z.enum(PLATFORM_MODES, { error: "platform-mode-unknown" }),
    names: z.array(PlatformName).min(1, "required").max(MOST_PLATFORMS, "too-many-platforms"),
  })
  .refine(({ mode, names }) => mode !== "single" || names.length === 1, {
    path: ["names"],
    error: "platform-one",
  });

/** What of the matching tags is meant, and what of each is copied. */
export const ruleSelection = {
  /** RE2, matched against the whole tag; blank leaves none out. */
  excludeTagPattern: Pattern,
  semverRange: VersionRange,
  newestTags: z
    .number({ error: "newest-range" })
    .int("newest-range")
    .min(1, "newest-range")
    .max(MOST_NEWEST_TAGS, "newest-range")
    .nullable()
    .default(null),
  platforms: Platforms.nullable().default(null),
};
