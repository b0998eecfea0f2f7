import { createChartMuseum } from "../registry/chart-museum/museum.ts";
import { allowAll } from "../registry/egress.ts";
import { createRegistry } from "../registry/remote-registry.ts";
import { PATIENT_RETRIES } from "../registry/retry.ts";
import { CopyError } from "../sync/errors.ts";
import { storesIn } from "../sync/open-stores.ts";
import type { Stores } from "../sync/stores.ts";
import { HELP, parseArguments, type SyncOptions } from "./arguments.ts";
import { copyAll } from "./copy-all.ts";
import { addressOf, type EndOptions } from "./end-options.ts";
import { openNames } from "./names-file.ts";
import { progressLine } from "./progress-line.ts";
import { failureLine, jsonLine, newReport, summary } from "./report.ts";
import type { Run } from "./sync-tag.ts";
import { UsageError } from "./usage-error.ts";

// Whoever starts the command with its flags has bounded that (scripts/sync-bundle.mjs).
if (!process.execArgv.some((flag) => flag.startsWith("--max-semi-space-size"))) {
  void import("../sync/young-generation.ts").then(({ boundYoungGeneration }) => boundYoungGeneration());
}
// Not awaited here: as one file this is CommonJS.
void main().then(end);

/** Whatever still keeps the process then was forgotten. */
const LINGER_MS = 1_000;

/**
 * The process comes to its end by itself, and at once: connections at rest keep none running. `process.exit` waits for V8's threads, and for
 * ever where one of them that compiles waits for a collection, which nobody does any more (nodejs/node#54918). So `SYNC_FLAGS` leave no
 * such thread besides.
 */
function end(status: number): void {
  process.exitCode = status;
  setTimeout(() => process.exit(status), LINGER_MS).unref();
}

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
  const file = openNames(options);
  const run: Run = { options, source, target, report, line, signal: stop.signal, names: file?.names };
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
  }
  file?.save();
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
