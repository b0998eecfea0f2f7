import { z } from "zod";
import { MOST_NEWEST_TAGS } from "../pattern/tag-choice.ts";
import { compileVersionRange, MAX_RANGE_LENGTH } from "../pattern/version-range.ts";
import { MOST_PLATFORMS, PLATFORM_MODES, PLATFORM_NAME } from "./platform.ts";
import { Pattern } from "./rule-fields.ts";

const VersionRange = z
  .string()
  .trim()
  .max(MAX_RANGE_LENGTH, "too-long-256")
  .refine((range) => compileVersionRange(range) !== null, "version-range-invalid")
  .default("");

const PlatformNames = z
  .array(z.string())
  .min(1, "required")
  .max(MOST_PLATFORMS, "too-many-platforms")
  .superRefine((names, context) => {
    const wrong = names.find((name) => name.length > 64 || !PLATFORM_NAME.test(name));
    if (wrong !== undefined) {
      context.addIssue({
        code: "custom",
        message: "platform-invalid",
        params: { name: wrong.slice(0, 64) },
      });
    }
  });

const Platforms = z
  .object({
    mode: z.enum(PLATFORM_MODES, { error: "platform-mode-unknown" }),
    names: PlatformNames,
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
