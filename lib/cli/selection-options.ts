import messages from "../../messages/en/pattern.json" with { type: "json" };
import type { CompiledPattern } from "../pattern/pattern.ts";
import { MOST_NEWEST_TAGS, type TagChoice } from "../pattern/tag-choice.ts";
import { isRepositoryName } from "../registry/reference.ts";
import { MOST_PLATFORMS, PLATFORM_NAME, type PlatformChoice, platformNames } from "../schemas/platform.ts";
import type { ResourceType } from "../schemas/rule.ts";
import { numberOf } from "./figures.ts";
import { UsageError } from "./usage-error.ts";

interface TagOptions {
  tag: string;
  "exclude-tag"?: string | undefined;
  semver?: string | undefined;
  newest?: string | undefined;
}

/** What chooses tags by name. @throws {UsageError} */
export async function tagChoiceOf(values: TagOptions): Promise<TagChoice> {
  const { "exclude-tag": exclude, semver, newest } = values;
  return {
    tag: await patternOf("--tag", values.tag),
    // Blank excludes nothing, as in a rule.
    exclude: exclude ? await patternOf("--exclude-tag", exclude) : undefined,
    semver: semver ? await rangeOf(semver) : undefined,
    newest: newest === undefined ? undefined : numberOf("--newest", newest, MOST_NEWEST_TAGS),
  };
}

async function rangeOf(source: string): Promise<CompiledPattern> {
  const { compileVersionRange } = await import("../pattern/version-range.ts");
  const range = compileVersionRange(source);
  if (!range) {
    throw new UsageError(`--semver must be a range of versions, such as ">=1.4 <2" or "^2.1", not ${source}`);
  }
  return range;
}

/**
 * One platform is one image, several are an index with these images alone, unless `--platform-mode` says otherwise.
 * @returns null: whole indexes
 * @throws {UsageError}
 */
export function platformsOf(values: {
  platform?: string[] | undefined;
  "platform-mode"?: string | undefined;
}): PlatformChoice | null {
  const mode = values["platform-mode"];
  if (values.platform === undefined) {
    if (mode !== undefined) {
      throw new UsageError("--platform-mode says how --platform is meant, which is missing");
    }
    return null;
  }
  const names = platformNames(values.platform.join(","));
  const wrong = names.find((name) => !PLATFORM_NAME.test(name));
  if (wrong !== undefined || names.length === 0) {
    throw new UsageError(
      `--platform must be os/architecture, such as linux/amd64 or linux/arm/v7, not ${wrong ?? '""'}`,
    );
  }
  if (names.length > MOST_PLATFORMS) {
    throw new UsageError(`--platform takes at most ${MOST_PLATFORMS} platforms, not ${names.length}`);
  }
  if (mode !== undefined && mode !== "sparse" && mode !== "single") {
    throw new UsageError(`--platform-mode must be sparse or single, not ${mode}`);
  }
  if (mode === "single" && names.length > 1) {
    throw new UsageError(`--platform-mode single takes one --platform, not ${names.length}`);
  }
  return { mode: mode ?? (names.length === 1 ? "single" : "sparse"), names };
}

/** @throws {UsageError} */
export function namespaceOf(option: string, value: string | undefined): string {
  if (value === undefined) {
    throw new UsageError(`${option} is required; "" means the repositories without a slash`);
  }
  if (value !== "" && !isRepositoryName(value)) {
    throw new UsageError(
      `${option} ${value} is not a namespace: lower-case path components such as team or team/app`,
    );
  }
  return value;
}

/** @throws {UsageError} */
export async function patternOf(option: string, source: string): Promise<CompiledPattern> {
  if (source === "") {
    return { source, matches: () => true };
  }
  // The expression engine is a quarter of a megabyte: only who writes an expression waits for it.
  const { compilePattern } = await import("../pattern/pattern.ts");
  const compiled = compilePattern(source);
  if (compiled.ok) {
    return compiled.pattern;
  }
  const { code, position, fragment, reason } = compiled.error;
  const words: Record<string, string> = messages;
  const sentence = (words[code] ?? reason)
    .replace("{position}", String(position))
    .replace("{fragment}", () => fragment)
    .replace("{reason}", () => words[reason] ?? reason);
  throw new UsageError(`${option} ${sentence[0]?.toLowerCase()}${sentence.slice(1)}`);
}

/** @throws {UsageError} */
export function resourceTypeOf(value: string): ResourceType {
  if (value !== "all" && value !== "image" && value !== "chart") {
    throw new UsageError(`--type must be all, image or chart, not ${value}`);
  }
  return value;
}
