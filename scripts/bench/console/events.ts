import type { Browser } from "@playwright/test";
import { sql } from "drizzle-orm";
import { type Database, openDatabase, type Tx } from "../../../lib/db/client.ts";
import { matchesEvent } from "../../../lib/events/rule-matching.ts";
import { addTargets, rulesForEvents } from "../../../lib/jobs/event-rules.ts";
import { type Finding, percentile } from "../../budgets/budget.ts";
import type { Scene } from "./scene.ts";
import { SIZE } from "./seed-size.ts";

const EVENTS = 100;
const WARM = 5;
const LIMIT_MS = 20;

/** What a worker does to find the rules of a push, of which there are ten thousand at the instance. */
export async function* events(_browser: Browser, { databaseUrl, ids }: Scene): AsyncGenerator<Finding> {
  const { db, close } = openDatabase(databaseUrl);
  try {
    const spread = await timed(db, ids.hub, (n) => `team-${String(n % 100).padStart(2, "0")}`);
    yield finding("namespaces of a hundred rules", spread);
    const together = await timed(db, ids.hub, () => "one", "one");
    yield finding("all in one namespace", together);
  } finally {
    await close();
  }
}

function finding(where: string, { times, matched }: { times: number[]; matched: number }): Finding {
  return {
    budget: "rules that an event concerns, p95",
    subject: `of ${SIZE.rules} rules, ${where}`,
    figure: percentile(times, 0.95),
    limit: LIMIT_MS,
    unit: "ms",
    bound: "most",
    detail: `median ${percentile(times, 0.5).toFixed(1)}, ${matched} found by ${times.length} events`,
  };
}

class Undone extends Error {}

/** @param moved all rules are put into this namespace, and back */
async function timed(db: Database, instanceId: string, namespaceOf: (n: number) => string, moved?: string) {
  const times: number[] = [];
  let matched = 0;
  const measure = async (tx: Tx) => {
    await tx.execute(
      sql`update rules set enabled = true, source_namespace = coalesce(${moved ?? null}, source_namespace)`,
    );
    await tx.execute(sql`analyze rules`);
    for (let n = -WARM; n < EVENTS; n++) {
      const event = 4_000 + 37 * (n + WARM);
      const repository = `${namespaceOf(event)}/app-${event}-api`;
      const startedAt = performance.now();
      const candidates = await rulesForEvents(tx, instanceId, [repository]);
      const found = candidates.filter((rule) => matchesEvent(rule, repository, "v1.2"));
      await addTargets(tx, found);
      if (n >= 0) {
        times.push(performance.now() - startedAt);
        matched += found.length;
      }
    }
    throw new Undone();
  };
  await db.transaction(measure).catch((error: unknown) => {
    if (!(error instanceof Undone)) {
      throw error;
    }
  });
  return { times, matched };
}
