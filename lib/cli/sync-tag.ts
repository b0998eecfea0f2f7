import { addChecked } from "../schemas/verification.ts";
import { copyTag } from "../sync/copy-tag.ts";
import { memoryPlacements, type Placements } from "../sync/placements.ts";
import type { PlannedTransfer } from "../sync/plan.ts";
import { addProgress } from "../sync/progress.ts";
import type { RememberedNames } from "../sync/remembered-names.ts";
import { type Stores, storeAt, storeOf } from "../sync/stores.ts";
import { targetMemory } from "../sync/target-memory.ts";
import { proveTag } from "../sync/verify/prove-tag.ts";
import { findingsText, VerifyError } from "../sync/verify/verify-error.ts";
import { VerifyMemory } from "../sync/verify/verify-memory.ts";
import { type VerifyContext, type VerifyJob, verifyTag } from "../sync/verify/verify-tag.ts";
import type { SyncOptions } from "./arguments.ts";
import type { Bounds } from "./bounds.ts";
import { foresee } from "./foresee.ts";
import type { ProgressLine } from "./progress-line.ts";
import type { Report } from "./report.ts";

/** One run of the command. */
export interface Run {
  options: SyncOptions;
  source: Stores;
  target: Stores;
  report: Report;
  line: ProgressLine;
  signal: AbortSignal;
  /** Of runs before, for runs to come. */
  names?: RememberedNames | undefined;
}

/** What a run has learned of one store of its target. */
export interface Knowledge {
  placements: Placements;
  memory: VerifyMemory;
}

/** A run is alone in its process: far away as many small ones pass at once as a registry is asked at once, and some wait for an answer. */
const BLOBS_AT_ONCE = 48;

export function knowledge(): Knowledge {
  const placements = memoryPlacements({ blobsAtOnce: BLOBS_AT_ONCE });
  // What a target has lost under a name that stands is found by --verify; workers, which nobody watches, read what they compare.
  targetMemory(placements).comparesNames = true;
  return { placements, memory: new VerifyMemory(placements) };
}

/**
 * Copies one tag, and where that was asked for proves that it is there with all that it needs. What was skipped is not ours to prove.
 * @throws {CopyError} @throws {VerifyError} for what could not be brought back
 */
export async function syncTag(run: Run, transfer: PlannedTransfer, about: Knowledge & Bounds): Promise<void> {
  const { options, report, line, signal } = run;
  const job = jobOf(run, transfer);
  const onProgress = (progress: Parameters<typeof addProgress>[1]) => addProgress(report.bytes, progress);
  const { placements, throttle } = about;
  const outcome = await copyTag(job, { placements, throttle, signal, onProgress });
  report.referrers.copied += outcome.referrers?.copied ?? 0;
  report.referrers.kept += outcome.referrers?.kept ?? 0;
  if (outcome.moved) {
    line.print(
      `${placeOf(transfer)}: the tag moved at the source while it was copied. Run again for what it names now.`,
    );
  }
  if (options.verify !== "no" && outcome.status !== "skipped") {
    const { targetDigest } = outcome;
    const context = { ...verifyContext(run, about), throttle, onProgress };
    const { found, repaired, failure } = await proveTag({ ...job, targetDigest }, context);
    noteFindings(report, found.length, repaired);
    if (failure) {
      throw failure;
    }
    if (repaired > 0) {
      line.print(`${placeOf(transfer)}: repaired ${findingsText(found)}`);
    }
  }
  if (
    outcome.status !== "skipped" &&
    !outcome.targetDigest &&
    storeOf(run.source, transfer.store) === run.source.registry
  ) {
    run.names?.keep(transfer.sourceRepository, transfer.tag, transfer);
  }
  count(report, outcome.status);
}

/** Says what `syncTag` would do, and counts that. @throws {CopyError} @throws {VerifyError} for what lacks */
export async function foreseeTag(
  run: Run,
  transfer: PlannedTransfer,
  about: Knowledge & Bounds,
): Promise<void> {
  const { options, report, signal } = run;
  const job = jobOf(run, transfer);
  const look = targetMemory(about.placements).firstLooks.at(job.target);
  const { status, verdict, digest } = await foresee(transfer, { ...job, look }, options, signal);
  process.stdout.write(`${verdict}: ${placeOf(transfer)} ${digest}\n`);
  if (options.verify !== "no" && status === "up-to-date") {
    const { findings } = await verifyTag({ ...job, targetDigest: digest }, verifyContext(run, about));
    noteFindings(report, findings.length, 0);
    if (findings.length > 0) {
      throw new VerifyError(findings);
    }
  }
  count(report, status);
}

function jobOf({ options, source, target }: Run, transfer: PlannedTransfer): VerifyJob {
  return {
    source: storeOf(source, transfer.store).repository(transfer.sourceRepository),
    target: storeAt(target, transfer.store).repository(transfer.targetRepository),
    tag: transfer.tag,
    digest: transfer.digest,
    mediaType: transfer.mediaType,
    seenAtMs: transfer.seenAtMs,
    override: options.override,
    referrers: options.referrers ? { digestTags: transfer.digestTags } : undefined,
    platforms: options.platforms,
  };
}

function verifyContext({ options, report, signal }: Run, { memory, reading }: Knowledge & Bounds) {
  const deep = options.verify === "deep";
  return {
    ...{ deep, memory, reading, signal },
    onChecked: (more) => report.verified && addChecked(report.verified, more),
  } satisfies VerifyContext;
}

function noteFindings({ verified }: Report, findings: number, repaired: number): void {
  if (verified) {
    verified.tags += 1;
    verified.findings += findings;
    verified.repaired += repaired;
  }
}

function count(report: Report, status: "copied" | "up-to-date" | "skipped"): void {
  report[status === "up-to-date" ? "upToDate" : status] += 1;
}

/** Where a tag comes from and goes to, as its lines begin. */
export function placeOf({ sourceRepository, targetRepository, tag }: PlannedTransfer): string {
  return sourceRepository === targetRepository
    ? `${sourceRepository}:${tag}`
    : `${sourceRepository}:${tag} → ${targetRepository}:${tag}`;
}
