import "server-only";
import { database } from "../db/client.ts";
import { wakeInbox } from "../queue/boss.ts";

/** In a flood workers are woken so often, not at each event: every commit that notifies waits for all others that do. */
const AT_MOST_EVERY_MS = 20;

let waking = false;
let again = false;

/**
 * Tells workers that events wait, beside what the sender waits for: the first at once, what follows together. A web process
 * that dies before it has said so costs a second, the interval at which workers look by themselves.
 */
export function wakeInboxSoon(): void {
  if (waking) {
    again = true;
    return;
  }
  waking = true;
  again = false;
  wakeInbox(database())
    .catch(() => undefined)
    .finally(() =>
      setTimeout(() => {
        waking = false;
        if (again) {
          wakeInboxSoon();
        }
      }, AT_MOST_EVERY_MS).unref(),
    );
}
