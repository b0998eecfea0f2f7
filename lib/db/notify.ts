import { sql } from "drizzle-orm";
import { LIVE_CHANNEL, type LiveEvent } from "../schemas/live.ts";
import type { Executor } from "./client.ts";

/** Tells every process what changed; inside a transaction it is sent with the commit, and equal events only once. */
export async function notifyLive(executor: Executor, event: LiveEvent): Promise<void> {
  await executor.execute(sql`select pg_notify(${LIVE_CHANNEL}, ${JSON.stringify(event)})`);
}

/** Tells who looks at notices that one was sent, is to be, or that an address was changed. */
export function announceNotices(executor: Executor): Promise<void> {
  return notifyLive(executor, { kind: "notice" });
}
