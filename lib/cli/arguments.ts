import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import messages from "../../messages/en/pattern.json" with { type: "json" };
import type { CompiledPattern } from "../pattern/pattern.ts";
import { isRepositoryName } from "../registry/reference.ts";
import type { RegistryOptions } from "../registry/repository.ts";
import { MOST_COPIES } from "../schemas/limits.ts";
import type { ResourceType } from "../schemas/rule.ts";
import type { Side } from "../schemas/task.ts";
import type { Selection } from "../sync/selection.ts";
import { numberOf, rateOf } from "./figures.ts";
import { UsageError } from "./usage-error.ts";

export const HELP = `Copies images and Helm charts from one OCI registry to another.

Usage: npm run sync -- --source URL --source-namespace NS --target URL [options]

  --source URL             registry to copy from; https:// unless --source-plain-http
  --source-namespace NS    what to copy: every repository below NS; "" for those without a slash
  --target URL             registry to copy to
  --target-namespace NS    where to put it; the same as the source by default, "" for the root
  --repository RE          only repositories whose whole path below the namespace matches (RE2)
  --tag RE                 only tags that match as a whole (RE2)
  --type all|image|chart   default all
  --no-referrers           leave signatures, attestations and SBOMs behind; they come along by default
  --override               replace tags that exist at the target with other content
  --dry-run                write nothing; say what would be done, and count that
  --concurrency N          tags under way at once, 1 to 64, default 16
  --max-bandwidth RATE     content copied a second at most, such as 10MB/s or 512KB/s (1 KB is 1000 bytes)
  --max-concurrency N      layers under way at once, 1 to 1000; no limit by default
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
  source: Omit<RegistryOptions, "egress">;
  target: Omit<RegistryOptions, "egress">;
  selection: Selection;
  /** null: the same as the source. */
  targetNamespace: string | null;
  /** Signatures, attestations and SBOMs come along. */
  referrers: boolean;
  override: boolean;
  dryRun: boolean;
  /** Tags under way at once. */
  concurrency: number;
  /** Of content, over all tags; null: no limit. */
  maxBytesPerSecond: number | null;
  /** Layers under way at once, over all tags; null: no limit. */
  maxCopies: number | null;
  json: boolean;
}

type Environment = Record<string, string | undefined>;

const OPTIONS = {
  source: { type: "string" },
  "source-namespace": { type: "string" },
  target: { type: "string" },
  "target-namespace": { type: "string" },
  repository: { type: "string", default: "" },
  tag: { type: "string", default: "" },
  type: { type: "string", default: "all" },
  "no-referrers": { type: "boolean", default: false },
  override: { type: "boolean", default: false },
  "dry-run": { type: "boolean", default: false },
  concurrency: { type: "string", default: "16" },
  "max-bandwidth": { type: "string" },
  "max-concurrency": { type: "string" },
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
  const source = registryOptions("source", values, env);
  const target = registryOptions("target", values, env);
  const namespace = namespaceOf("--source-namespace", values["source-namespace"]);
  const targetNamespace =
    values["target-namespace"] === undefined
      ? null
      : namespaceOf("--target-namespace", values["target-namespace"]);
  if (source.address === target.address && namespace === (targetNamespace ?? namespace)) {
    throw new UsageError(
      "source and target are the same namespace of the same registry; choose another target",
    );
  }
  return {
    source,
    target,
    selection: {
      namespace,
      repository: await patternOf("--repository", values.repository),
      tag: await patternOf("--tag", values.tag),
      resourceType: resourceTypeOf(values.type),
    },
    targetNamespace,
    referrers: !values["no-referrers"],
    override: values.override,
    dryRun: values["dry-run"],
    concurrency: numberOf("--concurrency", values.concurrency, 64),
    maxBytesPerSecond: rateOf(values["max-bandwidth"]),
    maxCopies:
      values["max-concurrency"] === undefined
        ? null
        : numberOf("--max-concurrency", values["max-concurrency"], MOST_COPIES),
    json: values.json,
  };
}

function parse(argv: string[]): Values {
  try {
    return parseArgs({ args: argv, options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function registryOptions(side: Side, values: Values, env: Environment): Omit<RegistryOptions, "egress"> {
  const given = values[side];
  const plainHttp = values[`${side}-plain-http`];
  if (!given) {
    throw new UsageError(`--${side} is required: the URL of the registry`);
  }
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `http${plainHttp ? "" : "s"}://${given}`;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.username || url?.password) {
    throw new UsageError(`--${side} must not hold credentials; ${credentialsHint(side)}`);
  }
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search || url.hash) {
    throw new UsageError(`--${side} must be https://host[:port] and nothing else, not ${given}`);
  }
  if (url.protocol === "http:" && !plainHttp) {
    throw new UsageError(
      `--${side} is http://, where credentials travel in the clear; allow it with --${side}-plain-http`,
    );
  }
  if (url.protocol === "https:" && plainHttp) {
    throw new UsageError(`--${side}-plain-http was given, but --${side} is https://`);
  }
  const prefix = side.toUpperCase();
  const username = env[`${prefix}_USERNAME`] || undefined;
  const password = env[`${prefix}_PASSWORD`] || undefined;
  if ((username === undefined) !== (password === undefined)) {
    throw new UsageError(`only one of two is set; ${credentialsHint(side)}`);
  }
  const caCertificate = certificates(side, values[`${side}-ca`]);
  return { address: url.origin, vendor: "generic", username, password, caCertificate, plainHttp };
}

function credentialsHint(side: Side): string {
  const prefix = side.toUpperCase();
  return `set ${prefix}_USERNAME and ${prefix}_PASSWORD in the environment`;
}

function certificates(side: Side, path: string | undefined): string | undefined {
  if (path === undefined) {
    return undefined;
  }
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "unreadable";
    throw new UsageError(`--${side}-ca ${path} cannot be read (${reason})`, { cause: error });
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) {
    throw new UsageError(`--${side}-ca ${path} holds no PEM certificate`);
  }
  return text;
}

function namespaceOf(option: string, value: string | undefined): string {
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

async function patternOf(option: string, source: string): Promise<CompiledPattern> {
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

function resourceTypeOf(value: string): ResourceType {
  if (value !== "all" && value !== "image" && value !== "chart") {
    throw new UsageError(`--type must be all, image or chart, not ${value}`);
  }
  return value;
}
