import { parseArgs } from "node:util";
import { MOST_COPIES } from "../schemas/limits.ts";
import type { PlatformChoice } from "../schemas/platform.ts";
import type { Selection } from "../sync/selection.ts";
import { cacheFolderOf } from "./cache-folder.ts";
import { type EndOptions, endOptions, refuseSameEnds } from "./end-options.ts";
import { numberOf, rateOf } from "./figures.ts";
import { namespaceOf, patternOf, platformsOf, resourceTypeOf, tagChoiceOf } from "./selection-options.ts";
import { UsageError } from "./usage-error.ts";

export const HELP = `Copies images and Helm charts from one OCI registry to another, and charts of ChartMuseums.

Usage: npm run sync -- --source URL --source-namespace NS --target URL [options]

  --source URL             registry to copy from; https:// unless --source-plain-http
  --source-namespace NS    what to copy: every repository below NS; "" for those without a slash
  --source-charts URL      chart repository (ChartMuseum) beside the registry or instead of it; its charts below NS are
                           those of URL/NS/index.yaml, with "" those of URL/index.yaml
  --target URL             registry to copy to
  --target-charts URL      chart repository that takes the charts of --source-charts as they are; without it they become OCI
                           charts at --target
  --target-namespace NS    where to put it; the same as the source by default, "" for the root
  --repository RE          only repositories whose whole path below the namespace matches (RE2)
  --tag RE                 only tags that match as a whole (RE2)
  --exclude-tag RE         of these, none that matches as a whole (RE2)
  --semver RANGE           of these, only versions in the range, such as ">=1.4 <2"; v1.4.0 is one, latest and 1.4 are not
  --newest N               of these, the newest N of each repository: by the version in the tag, not by date
  --type all|image|chart   default all
  --platform OS/ARCH       of images for several platforms, only this; again, or with commas, for more
  --platform-mode MODE     single: the tag names the image itself (default for one platform); sparse: the index as it is, with
                           only these of its images (default for several), where the target accepts that
  --no-referrers           leave signatures, attestations and SBOMs behind; they come along by default
  --verify                 prove for every selected tag, also one that stood there already, that all it needs is at the target:
                           each manifest is read, each blob asked for, each signature looked up; what lacks is brought back
  --deep                   --verify, and every blob is read again and hashed
  --override               replace tags that exist at the target with other content
  --dry-run                write nothing; say what would be done, and count that; with --verify, say what lacks
  --concurrency N          tags under way at once, 1 to 64, default 48
  --max-bandwidth RATE     content copied a second at most, such as 10MB/s or 512KB/s (1 KB is 1000 bytes)
  --max-concurrency N      layers under way at once, 1 to 1000; no limit by default
  --no-cache               remember nothing between runs; what tags named, in $XDG_CACHE_HOME/lockstep (~/.cache/lockstep), makes
                           the questions of the next run cheaper by default, and is asked about, not believed
  --json                   end with one line of JSON
  --source-ca FILE         PEM certificates to trust for the source, beside the system's
  --target-ca FILE         the same for the target
  --source-plain-http      the source is http://
  --target-plain-http      the target is http://
  --help

Environment: SOURCE_USERNAME, SOURCE_PASSWORD, TARGET_USERNAME, TARGET_PASSWORD.
Exit status: 0 when nothing failed (nothing matched included), 1 when something did or it was stopped, 2 for wrong usage.
`;

export interface SyncOptions {
  source: EndOptions;
  target: EndOptions;
  selection: Selection;
  /** null: the same as the source. */
  targetNamespace: string | null;
  /** null: whole indexes. */
  platforms: PlatformChoice | null;
  /** Signatures, attestations and SBOMs come along. */
  referrers: boolean;
  override: boolean;
  /** What is at the target is proven, and repaired; `deep`: by its bytes. */
  verify: "no" | "yes" | "deep";
  dryRun: boolean;
  /** Tags under way at once. */
  concurrency: number;
  /** Of content, over all tags; null: no limit. */
  maxBytesPerSecond: number | null;
  /** Layers under way at once, over all tags; null: no limit. */
  maxCopies: number | null;
  json: boolean;
  /** Where something is remembered between runs; null: nothing is. */
  cacheFolder: string | null;
}

type Environment = Record<string, string | undefined>;

const OPTIONS = {
  source: { type: "string" },
  "source-charts": { type: "string" },
  "source-namespace": { type: "string" },
  target: { type: "string" },
  "target-charts": { type: "string" },
  "target-namespace": { type: "string" },
  repository: { type: "string", default: "" },
  tag: { type: "string", default: "" },
  "exclude-tag": { type: "string" },
  semver: { type: "string" },
  newest: { type: "string" },
  platform: { type: "string", multiple: true },
  "platform-mode": { type: "string" },
  type: { type: "string", default: "all" },
  "no-referrers": { type: "boolean", default: false },
  verify: { type: "boolean", default: false },
  deep: { type: "boolean", default: false },
  override: { type: "boolean", default: false },
  "dry-run": { type: "boolean", default: false },
  concurrency: { type: "string", default: "48" },
  "max-bandwidth": { type: "string" },
  "max-concurrency": { type: "string" },
  "no-cache": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  "source-ca": { type: "string" },
  "target-ca": { type: "string" },
  "source-plain-http": { type: "boolean", default: false },
  "target-plain-http": { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

/**
 * @returns "help" when that was asked for
 * @throws {UsageError}
 */
export async function parseArguments(argv: string[], env: Environment): Promise<SyncOptions | "help"> {
  const values = parse(argv);
  if (values.help) {
    return "help";
  }
  const resourceType = resourceTypeOf(values.type);
  const ends = endOptions(values, env, resourceType);
  const namespace = namespaceOf("--source-namespace", values["source-namespace"]);
  const targetNamespace =
    values["target-namespace"] === undefined
      ? null
      : namespaceOf("--target-namespace", values["target-namespace"]);
  if (namespace === (targetNamespace ?? namespace)) {
    refuseSameEnds(ends);
  }
  return {
    ...ends,
    selection: {
      namespace,
      repository: await patternOf("--repository", values.repository),
      ...(await tagChoiceOf(values)),
      resourceType,
    },
    targetNamespace,
    platforms: platformsOf(values),
    referrers: !values["no-referrers"],
    override: values.override,
    verify: values.deep ? "deep" : values.verify ? "yes" : "no",
    dryRun: values["dry-run"],
    concurrency: numberOf("--concurrency", values.concurrency, 64),
    maxBytesPerSecond: rateOf(values["max-bandwidth"]),
    maxCopies:
      values["max-concurrency"] === undefined
        ? null
        : numberOf("--max-concurrency", values["max-concurrency"], MOST_COPIES),
    json: values.json,
    cacheFolder: values["no-cache"] ? null : cacheFolderOf(env),
  };
}

function parse(argv: string[]): Values {
  try {
    return parseArgs({ args: argv, options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
