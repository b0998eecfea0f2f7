import type { Database } from "../db/client.ts";
import { warnOf } from "./outage-log.ts";

interface Poll {
  readonly everyMs: number;
  readonly look: () => Promise<void>;
  /** What the log says when it could not look. */
  readonly failed?: string;
}

/** Looks every so often, one look at a time, for what a notification missed or what nobody tells of. */
export function pollFor(
  db: Database,
  { everyMs, look, failed = "looking for what waits failed" }: Poll,
): { close(): void } {
  let looking = false;
  const timer = setInterval(() => {
    if (looking) {
      return;
    }
    looking = true;
    look()
      .catch((error: unknown) => warnOf(db, error, failed))
      .finally(() => {
        looking = false;
      });
  }, everyMs);
  return { close: () => clearInterval(timer) };
}
