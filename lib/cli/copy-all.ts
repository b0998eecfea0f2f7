import { step } from "../sync/errors.ts";
import { forEachInParts } from "../sync/limit.ts";
import type { Lookahead } from "../sync/lookahead.ts";
import { storesIn } from "../sync/open-stores.ts";
import { type PlannedTransfer, planRepository } from "../sync/plan.ts";
import { scanStores, storeAt } from "../sync/stores.ts";
import { boundsOf } from "./bounds.ts";
import { addressOf } from "./end-options.ts";
import { lookingAhead } from "./looking-ahead.ts";
import { failureLine } from "./report.ts";
import { foreseeTag, knowledge, placeOf, type Run, syncTag } from "./sync-tag.ts";

/**
 * Copies what the options select, tag by tag, while the scan goes on. What fails is counted and told; the others go on.
 * @throws {CopyError} when the registry cannot list its repositories
 */
export async function copyAll(run: Run): Promise<void> {
  // One a store: what stands in one of them says nothing of the other.
  const bounds = boundsOf(run.options);
  const known = new Map(storesIn(run.target).map((store) => [store, { ...knowledge(), ...bounds }]));
  const visit = run.options.dryRun ? foreseeTag : syncTag;
  await forEachInParts(
    plannedTransfers(run, lookingAhead(run, known)),
    run.options.concurrency,
    async (transfer) => {
      try {
        const about = known.get(storeAt(run.target, transfer.store));
        await visit(run, transfer, about ?? { ...knowledge(), ...bounds });
      } catch (error) {
        run.signal.throwIfAborted();
        run.report.failed += 1;
        run.line.print(await failureLine(placeOf(transfer), error, transfer.tag));
      }
    },
  );
}

/** What the scan finds, as it finds it: copying begins while the scan goes on. */
async function* plannedTransfers(run: Run, ahead: Lookahead | undefined): AsyncGenerator<PlannedTransfer[]> {
  const { options, source, names: remembered, report, line, signal } = run;
  const target = { namespace: options.targetNamespace };
  const scan = { signal, ahead, remembered, streaming: true };
  for await (const scanned of scanStores(source, options.selection, scan)) {
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
      yield plan.transfers;
    }
  }
}

async function ensureNamespace({ options, target, signal }: Run): Promise<void> {
  const namespace = options.targetNamespace ?? options.selection.namespace;
  await step({ operation: "ensure-namespace", side: "target" }, () =>
    Promise.all(storesIn(target).map((store) => store.ensureNamespace(namespace, { signal }))),
  );
}
