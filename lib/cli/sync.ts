import { createChartMuseum } from "../registry/chart-museum/museum.ts";
import { allowAll } from "../registry/egress.ts";
import { createRegistry } from "../registry/remote-registry.ts";
import type { Registry } from "../registry/repository.ts";
import { PATIENT_RETRIES } from "../registry/retry.ts";
import { targetRepository } from "../sync/destination.ts";
import { CopyError, step } from "../sync/errors.ts";
import { forEachLimited } from "../sync/limit.ts";
import { closeStores, storesIn } from "../sync/open-stores.ts";
import { type PlannedTransfer, planRepository } from "../sync/plan.ts";
import { type Stores, scanStores, storeAt } from "../sync/stores.ts";
import { targetMemory } from "../sync/target-memory.ts";
import { HELP, parseArguments, type SyncOptions } from "./arguments.ts";
import { boundsOf } from "./bounds.ts";
import type { EndOptions } from "./end-options.ts";
import { progressLine } from "./progress-line.ts";
import { failureLine, jsonLine, newReport, summary } from "./report.ts";
import { foreseeTag, type Knowledge, knowledge, placeOf, type Run, syncTag } from "./sync-tag.ts";
import { UsageError } from "./usage-error.ts";
import { boundYoungGeneration } from "./young-generation.ts";

/** A digest that nothing has. */
const NOBODY = `sha256:${"0".repeat(64)}`;

boundYoungGeneration();
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
  const report = newReport({ verify: options.verify !== "no" });
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
  const shared = { egress: allowAll, retries: PATIENT_RETRIES, dialAhead: true };
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
  // One a store: what stands in one of them says nothing of the other.
  const known = new Map(storesIn(run.target).map((store) => [store, knowledge()]));
  const bounds = boundsOf(run.options);
  const visit = run.options.dryRun ? foreseeTag : syncTag;
  await forEachLimited(
    plannedTransfers(run, lookingAhead(run, known)),
    run.options.concurrency,
    async (transfer) => {
      try {
        const store = storeAt(run.target, transfer.store);
        await visit(run, transfer, { ...bounds, ...(known.get(store) ?? knowledge()) });
      } catch (error) {
        run.signal.throwIfAborted();
        run.report.failed += 1;
        run.line.print(await failureLine(placeOf(transfer), error, transfer.tag));
      }
    },
  );
}

/** What both ends will be asked for the tags of a repository is asked while the source tells what they name. */
function lookingAhead(run: Run, known: ReadonlyMap<Registry, Knowledge>) {
  const { options, source, target, signal } = run;
  let asksReferrers = options.referrers;
  return (repository: string, tags: readonly string[]): void => {
    const { registry } = target;
    const placements = registry && known.get(registry)?.placements;
    const name = targetNameOf(repository, options);
    if (!placements || name === null || options.dryRun) {
      return;
    }
    targetMemory(placements).firstLooks.at(registry.repository(name)).ahead(tags, { signal });
    if (asksReferrers) {
      asksReferrers = false;
      // Whether the source lists referrers at all: whoever asks first waits for that, and all others with him.
      const asked = source.registry?.repository(repository).referrers(NOBODY, { signal, tagListed: false });
      asked?.catch(() => undefined);
    }
  };
}

/** null: it cannot go there, as the plan will say. */
function targetNameOf(repository: string, { selection, targetNamespace }: SyncOptions): string | null {
  try {
    return targetRepository(repository, selection.namespace, targetNamespace);
  } catch {
    return null;
  }
}

/** What the scan finds, as it finds it: copying begins while the scan goes on. */
async function* plannedTransfers(
  run: Run,
  onWanted: (repository: string, tags: readonly string[]) => void,
): AsyncGenerator<PlannedTransfer> {
  const { options, source, report, line, signal } = run;
  const target = { namespace: options.targetNamespace };
  for await (const scanned of scanStores(source, options.selection, { signal, onWanted, streaming: true })) {
    if (scanned.error) {
      report.failed += 1;
      line.print(await failureLine(scanned.repository || addressOf(options.source), scanned.error, ""));
      continue;
    }
    report.repositoriesScanned += scanned.goesOn ? 0 : 1;
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
