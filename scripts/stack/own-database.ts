import { setTimeout as sleep } from "node:timers/promises";
import { type EmbeddedPostgresOptions, startEmbeddedPostgres } from "../../lib/db/embedded.ts";
import { isAlive } from "../process-alive.ts";

const LOOK_EVERY_MS = 1_000;
const RESTART_MAX_MS = 10_000;

/** The stack's own database, started again when it ends by itself, until it is stopped. */
export interface OwnDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

export async function superviseDatabase(
  options: EmbeddedPostgresOptions,
  onLine: (line: string) => void,
): Promise<OwnDatabase> {
  const first = await startEmbeddedPostgres(options);
  const port = new URL(first.url).port;
  onLine(`database: ${first.adopted ? "was running, adopted" : "started"} on 127.0.0.1:${port}`);
  const stopping = new AbortController();
  let running = first;

  const keepRunning = async () => {
    let waitMs = LOOK_EVERY_MS;
    for (;;) {
      await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) {
        return;
      }
      if (isAlive(running.pid)) {
        waitMs = LOOK_EVERY_MS;
        continue;
      }
      onLine("database: ended by itself, starting again");
      try {
        running = await startEmbeddedPostgres(options);
        onLine(
          running.url === first.url
            ? "database: started again"
            : `database: port ${port} was taken meanwhile; stop and start the console to go on`,
        );
      } catch (error) {
        onLine(`database: ${error instanceof Error ? error.message : String(error)}`);
        waitMs = Math.min(waitMs * 2, RESTART_MAX_MS);
      }
    }
  };
  const over = keepRunning();
  return {
    url: first.url,
    async stop() {
      stopping.abort();
      await over;
      await running.stop();
    },
  };
}
