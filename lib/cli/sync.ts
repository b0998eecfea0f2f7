import { createChartMuseum } from "../registry/chart-museum/museum.ts";
import { allowAll } from "../registry/egress.ts";
import { createRegistry } from "../registry/remote-registry.ts";
import { PATIENT_RETRIES } from "../registry/retry.ts";
import { ByteBucket } from "../sync/byte-bucket.ts";
import { copyTag } from "../sync/copy-tag.ts";
import { CopyError, step } from "../sync/errors.ts";
import { forEachLimited } from "../sync/limit.ts";
import { closeStores, storesIn } from "../sync/open-stores.ts";
import { PlaceGate } from "../sync/place-gate.ts";
import { memoryPlacements } from "../sync/placements.ts";
import { type PlannedTransfer, planRepository } from "../sync/plan.ts";
import { addProgress } from "../sync/progress.ts";
import { type Stores, scanStores, storeAt, storeOf } from "../sync/stores.ts";
import { type Throttle, type ThrottledEnd, throttleBetween } from "../sync/throttle.ts";
import type { TransferContext } from "../sync/transfer.ts";
import { HELP, parseArguments, type SyncOptions } from "./arguments.ts";
import type { EndOptions } from "./end-options.ts";
import { foresee } from "./foresee.ts";
import { type ProgressLine, progressLine } from "./progress-line.ts";
import { failureLine, jsonLine, newReport, type Report, summary } from "./report.ts";
import { UsageError } from "./usage-error.ts";

/** One run of the command. */
interface Run {
  options: SyncOptions;
  source: Stores;
  target: Stores;
  report: Report;
  line: ProgressLine;
  signal: AbortSignal;
}

process.exitCode = await main();

/** @returns the exit status: 0 nothing failed, 1 something did, 2 wrong usage */
async function main(): Promise<number> {
  let options: SyncOptions | "help";
  try {
    options = await parseArguments(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof UsageError)) {
      throw error;
    }
    process.stderr.write(`${error.message}\nSee --help.\n`);
    return 2;
  }
  if (options === "help") {
    process.stdout.write(HELP);
    return 0;
  }
  return runSync(options);
}

async function runSync(options: SyncOptions): Promise<number> {
  const stop = new AbortController();
  // The first Ctrl-C ends uploads and leaves; a second one, with nobody listening, kills.
  const interrupt = (): void => stop.abort(new DOMException("stopped", "AbortError"));
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const report = newReport();
  const line = progressLine(report, process.stderr);
  const source = openStores(options.source);
  const target = openStores(options.target);
  const run: Run = { options, source, target, report, line, signal: stop.signal };
  try {
    await copyAll(run);
  } catch (error) {
    if (!stop.signal.aborted) {
      report.failed += 1;
      const side = error instanceof CopyError ? error.side : "source";
      line.print(await failureLine(addressOf(options[side]), error, ""));
    }
  } finally {
    line.stop();
    await Promise.all([source, target].map(closeStores));
  }
  if (stop.signal.aborted) {
    process.stderr.write("Stopped. What was written stays; run again to go on.\n");
  }
  const requests = { source: requestsOf(source), target: requestsOf(target) };
  process.stdout.write(
    `${options.json ? jsonLine(report, requests) : summary(report, requests, options.dryRun)}\n`,
  );
  return report.failed > 0 || stop.signal.aborted ? 1 : 0;
}

/** Both bear the same credentials: they are two addresses of one end. */
function openStores({ registry, charts }: EndOptions): Stores {
  const shared = { egress: allowAll, retries: PATIENT_RETRIES };
  return {
    registry: registry && createRegistry({ ...registry, ...shared }),
    charts: charts && createChartMuseum({ ...charts, ...shared }),
  };
}

function requestsOf(stores: Stores): number {
  return storesIn(stores).reduce((sum, { requests }) => sum + requests, 0);
}

function addressOf({ registry, charts }: EndOptions): string {
  return (registry ?? charts)?.address ?? "";
}

async function copyAll(run: Run): Promise<void> {
  // One object a store: what stands in one of them says nothing of the other.
  const placed = new Map(storesIn(run.target).map((store) => [store, memoryPlacements()]));
  const throttle = throttleOf(run.options);
  const visit = run.options.dryRun
    ? (transfer: PlannedTransfer) => foreseen(run, transfer)
    : (transfer: PlannedTransfer) =>
        copy(run, transfer, {
          placements: placed.get(storeAt(run.target, transfer.store)) ?? memoryPlacements(),
          throttle,
        });
  await forEachLimited(plannedTransfers(run), run.options.concurrency, async (transfer) => {
    try {
      await visit(transfer);
    } catch (error) {
      run.signal.throwIfAborted();
      run.report.failed += 1;
      run.line.print(await failureLine(placeOf(transfer), error, transfer.tag));
    }
  });
}

/** One bound for both ends: what is read is what is written. */
function throttleOf({ maxBytesPerSecond, maxCopies }: SyncOptions): Throttle | undefined {
  if (maxBytesPerSecond === null && maxCopies === null) {
    return undefined;
  }
  const end = (id: string): ThrottledEnd => ({
    id,
    gate: new PlaceGate(),
    read: new ByteBucket(),
    write: new ByteBucket(),
  });
  const source = end("source");
  source.read.setRate(maxBytesPerSecond ?? Number.POSITIVE_INFINITY);
  source.gate.setBound(maxCopies ?? Number.POSITIVE_INFINITY);
  return throttleBetween(source, end("target"));
}

/** What the scan finds, as it finds it: copying begins while the scan goes on. */
async function* plannedTransfers(run: Run): AsyncGenerator<PlannedTransfer> {
  const { options, source, report, line, signal } = run;
  const target = { namespace: options.targetNamespace };
  for await (const scanned of scanStores(source, options.selection, { signal })) {
    if (scanned.error) {
      report.failed += 1;
      line.print(await failureLine(scanned.repository || addressOf(options.source), scanned.error, ""));
      continue;
    }
    report.repositoriesScanned += 1;
    report.tagsScanned += scanned.tagsListed;
    const plan = planRepository(scanned, options.selection.namespace, [target]);
    for (const { sourceRepository, error } of plan.refused) {
      report.failed += 1;
      line.print(await failureLine(sourceRepository, error, ""));
    }
    if (plan.transfers.length > 0) {
      if (report.planned === 0 && !options.dryRun) {
        await ensureNamespace(run);
      }
      report.repositories.add(scanned.repository);
      report.planned += plan.transfers.length;
      yield* plan.transfers;
    }
  }
}

async function ensureNamespace({ options, target, signal }: Run): Promise<void> {
  const namespace = options.targetNamespace ?? options.selection.namespace;
  await step({ operation: "ensure-namespace", side: "target" }, () =>
    Promise.all(storesIn(target).map((store) => store.ensureNamespace(namespace, { signal }))),
  );
}

async function copy(
  { options, source, target, report, line, signal }: Run,
  transfer: PlannedTransfer,
  bounds: Pick<TransferContext, "placements" | "throttle">,
): Promise<void> {
  const outcome = await copyTag(
    {
      source: storeOf(source, transfer.store).repository(transfer.sourceRepository),
      target: storeAt(target, transfer.store).repository(transfer.targetRepository),
      tag: transfer.tag,
      digest: transfer.digest,
      mediaType: transfer.mediaType,
      override: options.override,
      referrers: options.referrers ? { digestTags: transfer.digestTags } : undefined,
      platforms: options.platforms,
    },
    { ...bounds, signal, onProgress: (progress) => addProgress(report.bytes, progress) },
  );
  count(report, outcome.status);
  report.referrers.copied += outcome.referrers?.copied ?? 0;
  report.referrers.kept += outcome.referrers?.kept ?? 0;
  if (outcome.moved) {
    line.print(
      `${placeOf(transfer)}: the tag moved at the source while it was copied. Run again for what it names now.`,
    );
  }
}

async function foreseen({ options, source, target, report, signal }: Run, transfer: PlannedTransfer) {
  const ends = {
    source: storeOf(source, transfer.store).repository(transfer.sourceRepository),
    target: storeAt(target, transfer.store).repository(transfer.targetRepository),
  };
  const { status, verdict, digest } = await foresee(transfer, ends, options, signal);
  count(report, status);
  process.stdout.write(`${verdict}: ${placeOf(transfer)} ${digest}\n`);
}

function count(report: Report, status: "copied" | "up-to-date" | "skipped"): void {
  report[status === "up-to-date" ? "upToDate" : status] += 1;
}

function placeOf({ sourceRepository, targetRepository, tag }: PlannedTransfer): string {
  return sourceRepository === targetRepository
    ? `${sourceRepository}:${tag}`
    : `${sourceRepository}:${tag} → ${targetRepository}:${tag}`;
}
