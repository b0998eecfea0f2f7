import { join } from "node:path";
import { config } from "../../lib/config.ts";
import { closeDatabase, database } from "../../lib/db/client.ts";
import { keyFingerprint, requireInstallationKey, shownFingerprint } from "../../lib/db/key-fingerprint.ts";
import { printError, printLine } from "../print.ts";
import { ROOT } from "../root.ts";
import { onStopSignal } from "../signals.ts";
import { superviseChild } from "../stack/child.ts";

/** A worker hands back what it is at within this time. */
const DRAIN_WITHIN_MS = 25_000;

/** Runs one worker process until it is asked to stop. @returns the exit code */
export async function runWorker(): Promise<number> {
  try {
    // Asked here, so that a wrong setting is a sentence and not a process that starts again and again.
    const { databaseUrl, secretKey } = config();
    await requireInstallationKey(database(), secretKey).finally(closeDatabase);
    printLine(
      "worker",
      `database ${new URL(databaseUrl).host}, key ${shownFingerprint(keyFingerprint(secretKey))}`,
    );
  } catch (error) {
    printError(error);
    return 2;
  }
  const worker = superviseChild({
    name: "worker",
    args: [join(ROOT, "lib/jobs/worker.ts")],
    env: { ...process.env, NODE_ENV: "production" },
    onLine: (line) => printLine("worker", line),
  });
  return new Promise((done) => {
    onStopSignal(
      () => worker.stop(DRAIN_WITHIN_MS).then(() => done(0)),
      () => worker.stop(0).then(() => done(1)),
    );
  });
}
