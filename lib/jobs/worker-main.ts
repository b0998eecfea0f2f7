import { config } from "../config.ts";
import { closeDatabase, database } from "../db/client.ts";
import { log } from "../log.ts";
import { startWorker } from "./run-worker.ts";

/**
 * What worker.ts runs once the memory of the process is bounded.
 * SIGTERM or SIGINT drains it within 25 s; a second signal ends it at once, and another worker takes its jobs over.
 */
const LAST_RESORT_MS = 24_000;
/** A process manager may hand one Ctrl-C on twice. */
const SAME_SIGNAL_MS = 1_000;

async function main(): Promise<void> {
  const worker = await startWorker(database({ keepsPlans: true }), config());
  let drainingSinceMs: number | undefined;
  const end = (signal: string) => {
    if (drainingSinceMs !== undefined) {
      if (performance.now() - drainingSinceMs > SAME_SIGNAL_MS) {
        process.exit(1);
      }
      return;
    }
    drainingSinceMs = performance.now();
    log.info({ signal }, "the worker drains");
    setTimeout(() => {
      log.warn("draining took too long");
      process.exit(1);
    }, LAST_RESORT_MS).unref();
    worker
      .drain()
      .then(closeDatabase)
      .then(() => {
        log.info("the worker has drained");
        process.exit(0);
      })
      .catch((error: unknown) => {
        log.error({ err: error }, "draining failed");
        process.exit(1);
      });
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
}

// A fault that nobody caught leaves the process in an unknown state: end it, another worker takes over.
process.on("unhandledRejection", (error) => {
  log.fatal({ err: error }, "unhandled rejection");
  process.exit(1);
});

main().catch((error: unknown) => {
  log.fatal({ err: error }, "the worker could not start");
  process.exit(1);
});
