import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { database } from "../../db/client.ts";
import { deletions } from "../../db/schema/deletions.ts";
import { DELETION } from "../../queue/queues.ts";
import { testDatabase } from "../../testing/database.ts";
import type { Intercept } from "../../testing/registry/exchange.ts";
import { DeletionWorld, type Spoiled } from "./deletion-world.testing.ts";

let world: DeletionWorld;
let source: Spoiled;
let target: Spoiled;
beforeAll(async () => {
  const testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  world = await DeletionWorld.open(testDb);
  [source, target] = [await world.registry(), await world.registry()];
});
afterAll(async () => {
  await world?.close();
});

/** What a takeover does to the attempt before it: its number is somebody else's. */
const takeOver = () =>
  database().execute(
    sql`update pgboss.job set retry_count = retry_count + 1 where name = ${DELETION} and state = 'active'`,
  );

test("a worker that loses its lease while it looks whether a tag may be put back puts nothing back", {
  timeout: 60_000,
}, async () => {
  const rule = await world.rule(source, [target]);
  await world.push(source.origin, rule.repository, ["1.0", "2.0", "2.1", "2.2"]);
  await world.sync(rule.ruleId);
  await world.remove(source.origin, rule.repository, "1.0");
  await world.sync(rule.ruleId);
  await world.carryOut(rule.ruleId);
  expect(await world.states(rule.ruleId)).toEqual(["1.0 deleted"]);
  await database()
    .update(deletions)
    .set({ restoreRequestedAt: sql`now()` })
    .where(eq(deletions.ruleId, rule.ruleId));

  const written: string[] = [];
  target.spoil(async ({ method, url }) => {
    if (method === "HEAD" && url.pathname.endsWith("/manifests/1.0")) {
      await takeOver();
    }
    if (method === "PUT") {
      written.push(url.pathname);
    }
    return undefined;
  });
  try {
    await expect(world.carryOut(rule.ruleId)).rejects.toMatchObject({ name: "LeaseLost" });
  } finally {
    target.spoil(null);
  }
  expect(written).toEqual([]);
  expect(await world.tags(target.origin, rule.repository)).not.toContain("1.0");
});

interface Frozen {
  name: string;
  /** The request that is under way while the lease passes to another worker; what the registry answers it, if not itself. */
  during: { method: string; reference: "tag" | "digest"; nth: number };
  answer?: { status: number; code: string };
  /** Requests to delete that the target has seen in the end. */
  sent: number;
}

test.each<Frozen>([
  {
    name: "while it takes its last look at the target",
    during: { method: "HEAD", reference: "tag", nth: 2 },
    sent: 0,
  },
  {
    name: "after the target refused to delete by tag, before it would delete by digest",
    during: { method: "DELETE", reference: "tag", nth: 1 },
    answer: { status: 400, code: "DIGEST_INVALID" },
    sent: 1,
  },
  {
    name: "while it waits to ask a target again that was busy",
    during: { method: "DELETE", reference: "tag", nth: 1 },
    answer: { status: 503, code: "UNAVAILABLE" },
    sent: 1,
  },
])("a worker that loses its lease $name deletes nothing", { timeout: 60_000 }, async (given) => {
  const rule = await world.rule(source, [target]);
  const tags = ["1.0", "1.1", "2.0", "2.1"];
  await world.push(source.origin, rule.repository, tags);
  await world.sync(rule.ruleId);
  await world.remove(source.origin, rule.repository, "1.0");
  await world.sync(rule.ruleId);
  expect(await world.states(rule.ruleId)).toEqual(["1.0 pending"]);

  const seen: string[] = [];
  const { during, answer } = given;
  const zombie: Intercept = async ({ method, url, response }) => {
    const line = `${method} ${url.pathname.endsWith("/manifests/1.0") ? "tag" : "digest"}`;
    seen.push(line);
    const reached = seen.filter((other) => other === line).length;
    if (line !== `${during.method} ${during.reference}` || reached !== during.nth) {
      return undefined;
    }
    await takeOver();
    if (!answer) {
      return undefined;
    }
    response.writeHead(answer.status, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ errors: [{ code: answer.code }] }));
    return "answered";
  };
  target.spoil(zombie);
  try {
    await expect(world.carryOut(rule.ruleId)).rejects.toMatchObject({ name: "LeaseLost" });
  } finally {
    target.spoil(null);
  }
  expect(seen.filter((line) => line.startsWith("DELETE"))).toHaveLength(given.sent);
  expect(await world.tags(target.origin, rule.repository)).toEqual(tags);
  expect(await world.states(rule.ruleId)).toEqual(["1.0 pending"]);
});
