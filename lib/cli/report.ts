import { formatBytes } from "../format/bytes.ts";
import { formatDuration } from "../format/duration.ts";
import type { FailureFact } from "../schemas/task.ts";
import { type Checked, nothingChecked } from "../schemas/verification.ts";
import { failureFact } from "../sync/failure.ts";
import { noProgress, type ProgressTotals } from "../sync/progress.ts";

/** The counts of one run. */
export interface Report {
  /** Source repositories with at least one transfer. */
  readonly repositories: Set<string>;
  repositoriesScanned: number;
  tagsScanned: number;
  planned: number;
  copied: number;
  upToDate: number;
  skipped: number;
  failed: number;
  /** Signatures, attestations and SBOMs that came along, and those that the target keeps in place of ours. */
  readonly referrers: { copied: number; kept: number };
  /** What was verified; null: nothing was to be. */
  readonly verified: Verified | null;
  readonly bytes: ProgressTotals;
  readonly startedMs: number;
}

export interface Verified extends Checked {
  tags: number;
  /** What lacked, and how many of these were brought back. */
  findings: number;
  repaired: number;
}

export function newReport({ verify }: { verify: boolean }): Report {
  return {
    repositories: new Set(),
    repositoriesScanned: 0,
    tagsScanned: 0,
    planned: 0,
    copied: 0,
    upToDate: 0,
    skipped: 0,
    failed: 0,
    referrers: { copied: 0, kept: 0 },
    verified: verify ? { tags: 0, ...nothingChecked(), findings: 0, repaired: 0 } : null,
    bytes: noProgress(),
    startedMs: performance.now(),
  };
}

export interface RequestCounts {
  source: number;
  target: number;
}

/** The line that `--json` ends with; its keys are part of the command's promise. */
export function jsonLine(report: Report, requests: RequestCounts): string {
  return JSON.stringify({
    repositories: report.repositories.size,
    copied: report.copied,
    upToDate: report.upToDate,
    skipped: report.skipped,
    failed: report.failed,
    referrers: report.referrers.copied,
    ...(report.verified ? { verified: report.verified } : {}),
    bytesCopied: report.bytes.copied,
    bytesMounted: report.bytes.mounted,
    bytesSkipped: report.bytes.skipped,
    requests,
    durationMs: Math.round(performance.now() - report.startedMs),
  });
}

/** The end of a run in words. */
export function summary(report: Report, requests: RequestCounts, dryRun: boolean): string {
  const scanned = `scanned ${count(report.repositoriesScanned, "repository", "repositories")} and ${count(report.tagsScanned, "tag")}`;
  if (report.planned === 0) {
    return report.failed > 0
      ? `Failed before anything was planned; ${scanned}.`
      : `Nothing matched: ${scanned}.`;
  }
  const verdict = `${dryRun ? "Would copy" : "Copied"} ${report.copied}, up to date ${report.upToDate}, skipped ${report.skipped}, failed ${report.failed}`;
  const { copied, mounted, skipped } = report.bytes;
  const bytes = `${formatBytes(copied)} sent, ${formatBytes(mounted)} mounted, ${formatBytes(skipped)} already there`;
  const kept =
    report.referrers.kept > 0
      ? [
          `Of cosign's tags ${report.referrers.kept} stayed as the target has them: they hold what the source has not; --override replaces them.`,
        ]
      : [];
  const along =
    report.referrers.copied > 0
      ? [
          `${count(report.referrers.copied, "signature, attestation or SBOM", "signatures, attestations and SBOMs")} came along.`,
        ]
      : [];
  return [
    `${verdict} (${count(report.planned, "tag")} in ${count(report.repositories.size, "repository", "repositories")}).`,
    `${bytes}; ${requests.source} requests to the source, ${requests.target} to the target, in ${formatDuration(performance.now() - report.startedMs, "en")}.`,
    ...along,
    ...kept,
    ...verifiedLine(report),
  ].join("\n");
}

function verifiedLine({ verified }: Report): string[] {
  if (!verified) {
    return [];
  }
  const { tags, manifests, blobs, bytesRead, findings, repaired } = verified;
  const read = bytesRead > 0 ? `, ${formatBytes(bytesRead)} read again` : "";
  const lacking =
    findings === 0 ? "nothing lacks" : `${count(findings, "finding")}, of which ${repaired} repaired`;
  return [
    `Verified ${count(tags, "tag")}: ${count(manifests, "manifest")}, ${count(blobs, "blob")}${read}; ${lacking}.`,
  ];
}

function count(value: number, one: string, many = `${one}s`): string {
  return `${value} ${value === 1 ? one : many}`;
}

/** What failed, in one line: where, the sentence, what to do, and the facts for whoever wants to look it up. */
export async function failureLine(place: string, error: unknown, tag: string): Promise<string> {
  const fact = failureFact(error);
  // Read only when something failed: most runs start without it.
  const [{ errorSentence }, { default: messages }] = await Promise.all([
    import("../format/error-sentence.ts"),
    import("../../messages/en/errors.json", { with: { type: "json" } }),
  ]);
  const { title, advice } = errorSentence(
    fact,
    { instance: `the ${fact.side ?? "registry"}`, tag },
    "en",
    messages.failure,
  );
  // The console's advice names its settings; here they are options.
  const option = `${fact.side === "target" ? "--target" : "--source"}-ca`;
  const ownAdvice = advice.replace(/in the instance settings/, `with ${option} FILE`);
  return `${place}: ${sentences(title, ownAdvice)} [${facts(fact)}]`;
}

function sentences(title: string, advice: string): string {
  const first = `${title.slice(0, 1).toUpperCase()}${title.slice(1)}.`;
  return advice === "" ? first : `${first} ${advice}`;
}

function facts({ code, side, httpStatus, request, registryMessage, digest }: FailureFact): string {
  return [
    code,
    side === null ? null : `at the ${side}`,
    httpStatus === null ? null : `HTTP ${httpStatus}`,
    request,
    digest,
    registryMessage,
  ]
    .filter((fact) => fact !== null)
    .join(" · ");
}
