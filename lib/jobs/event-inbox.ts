import type { Database } from "../db/client.ts";
import { warnOf } from "./outage-log.ts";
import { pollFor } from "./poll.ts";
import { takeEvents, WAITING_EVENTS } from "./take-events.ts";
import { isAny } from "./waiting-work.ts";

/** For what a notification missed. */
const POLL_MS = 1_000;
/** The first event is taken at once; what comes within this time after it is taken together. */
const GATHER_MS = 100;

export interface EventInbox {
  /** Looks now. */
  wake(): void;
  close(): Promise<void>;
}

/**
 * Takes events out of the inbox as long as there are any. Their rows are the queue: a batch is one transaction, so a worker
 * that dies in it leaves them as they were, and no second queue has to be kept in step with them.
 */
export function createEventInbox(db: Database): EventInbox {
  let taking: Promise<void> | null = null;
  let again = false;
  let closed = false;

  async function takeAll(): Promise<void> {
    do {
      again = false;
      const taken = await takeEvents(db);
      if (taken > 0) {
        again = true;
        await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      }
    } while (again && !closed);
  }

  function wake(): void {
    again = true;
    if (closed) {
      return;
    }
    taking ??= takeAll()
      .catch((error: unknown) => warnOf(db, error, "taking events failed"))
      .finally(() => {
        taking = null;
      });
  }

  const poll = pollFor(db, {
    everyMs: POLL_MS,
    look: async () => void ((await isAny(db, WAITING_EVENTS)) && wake()),
  });
  return {
    wake,
    close: async () => {
      closed = true;
      poll.close();
      await taking;
    },
  };
}
