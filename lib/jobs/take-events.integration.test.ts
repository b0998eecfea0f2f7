import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeDatabase, database, type OpenDatabase, openDatabase } from "../db/client.ts";
import { events } from "../db/schema/events.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { taskJoins, tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import { matchesEvent, namespacesOf } from "../events/rule-matching.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { deleteRule } from "../queue/stop-task.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { type SeedRule, seedInstance, seedRule } from "../testing/seed.ts";
import { plansOf, rowsRead } from "../testing/statement-plans.ts";
import { rulesForEvents } from "./event-rules.ts";
import { takeEvents } from "./take-events.ts";

let testDb: TestDatabase;
let wide: OpenDatabase;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  await prepareQueues(testDb.url);
  wide = openDatabase(testDb.url, { max: 12 });
});
afterAll(async () => {
  await closeBoss();
  await wide?.close();
  await closeDatabase();
  await testDb?.drop();
});

const D1 = `sha256:${"1".repeat(64)}`;
const D2 = `sha256:${"2".repeat(64)}`;

async function pair(rule: Partial<SeedRule> = {}) {
  const [source, target] = [await seedInstance(database()), await seedInstance(database())];
  const ruleId = await seedRule(database(), {
    sourceInstanceId: source,
    targetInstanceIds: [target],
    ...rule,
  });
  return { source, target, ruleId };
}

type Told = Partial<typeof events.$inferInsert>;

async function tell(instanceId: string, told: Told = {}): Promise<string> {
  const id = randomUUID();
  await database()
    .insert(events)
    .values({
      id,
      instanceId,
      dialect: "generic",
      eventId: id,
      action: "push",
      repository: "team/app",
      tag: "1.0",
      digest: D1,
      ...told,
    });
  return id;
}

async function becameOf(id: string) {
  const [event] = await database().select().from(events).where(eq(events.id, id));
  return { state: event?.state, reason: event?.reason, started: event?.started.map(({ ruleId }) => ruleId) };
}

async function toldAndTaken(instanceId: string, told: Told = {}) {
  const id = await tell(instanceId, told);
  await takeEvents(database());
  return becameOf(id);
}

const tasksOf = (ruleId: string) =>
  database().select().from(tasks).where(eq(tasks.ruleId, ruleId)).orderBy(tasks.id);

describe("which rules an event concerns", () => {
  test("a repository lies in each of its leading components, or in the root", () => {
    expect(namespacesOf("a/b/c")).toEqual(["a", "a/b"]);
    expect(namespacesOf("a")).toEqual([""]);
  });

  const cases: { name: string; rule?: Partial<SeedRule>; told?: Told; reason: string | null }[] = [
    { name: "a tag of its namespace", reason: null },
    { name: "deeper in its namespace", told: { repository: "team/web/app" }, reason: null },
    {
      name: "a namespace of two components",
      rule: { sourceNamespace: "team/web" },
      told: { repository: "team/web/app" },
      reason: null,
    },
    { name: "the root", rule: { sourceNamespace: "" }, told: { repository: "app" }, reason: null },
    { name: "another namespace", told: { repository: "teams/app" }, reason: "no-rule" },
    { name: "the namespace itself", told: { repository: "team" }, reason: "no-rule" },
    { name: "a repository that it names", rule: { repositoryPattern: "app|web" }, reason: null },
    { name: "one that it does not", rule: { repositoryPattern: "ap" }, reason: "no-rule" },
    { name: "a tag that it names", rule: { tagPattern: "1\\..*" }, reason: null },
    { name: "one that it does not", rule: { tagPattern: "2\\..*" }, reason: "no-rule" },
    { name: "a signature", told: { tag: `sha256-${"1".repeat(64)}.sig` }, reason: "digest-tag" },
    { name: "a deletion", told: { action: "delete" }, reason: "deletion" },
    { name: "a deletion by digest", told: { action: "delete", tag: null }, reason: "deletion" },
  ];
  test.each(cases)("$name: $reason", async ({ rule, told, reason }) => {
    const { source, ruleId } = await pair(rule);
    const state = reason === null ? "processed" : "ignored";
    expect(await toldAndTaken(source, told)).toEqual({
      state,
      reason,
      started: reason === null ? [ruleId] : [],
    });
    const [task] = await tasksOf(ruleId);
    expect(task?.trigger).toBe(reason === null ? "event" : undefined);
    if (task) {
      const { repository = "team/app", tag = "1.0" } = told ?? {};
      const since = expect.any(String);
      expect(task.scope).toEqual({ kind: "tags", tags: [{ repository, tag, since }] });
    }
  });

  test("not one that is off, does not listen, or starts elsewhere", async () => {
    const { source, ruleId, target } = await pair();
    await database().update(rules).set({ onEvent: false }).where(eq(rules.id, ruleId));
    expect(await toldAndTaken(source)).toMatchObject({ reason: "no-rule" });
    await database().update(rules).set({ onEvent: true, enabled: false }).where(eq(rules.id, ruleId));
    expect(await toldAndTaken(source)).toMatchObject({ reason: "no-rule" });
    expect(await toldAndTaken(target)).toMatchObject({ reason: "no-rule" });
  });

  test.each([
    ["", ["a", "ap", "x/y"]],
    ["app", ["app"]],
    ["app-1.*", ["app-1", "app-12", "app-1/x"]],
    ["app/?x", ["app/x", "appx"]],
    ["ab{0,2}", ["a", "ab", "abb"]],
    ["ab*", ["a", "abbb"]],
    ["a|bc", ["a", "bc"]],
    ["(?i)app", ["app"]],
    ["^app$", ["app"]],
    ["\\Qapp\\E", ["app"]],
    ["[ab]pp", ["app", "bpp"]],
    ["app\\.x", ["app.x"]],
    ["app_a+", ["app_a", "app_aa"]],
  ])("what %s begins with passes over nothing that it matches", async (repositoryPattern, names) => {
    for (const sourceNamespace of ["", "team/web"]) {
      const { source, ruleId } = await pair({ sourceNamespace, repositoryPattern });
      // Below the root lie names of one part alone.
      for (const name of names.filter((each) => sourceNamespace !== "" || !each.includes("/"))) {
        const repository = sourceNamespace === "" ? name : `${sourceNamespace}/${name}`;
        const found = await database().transaction((tx) => rulesForEvents(tx, source, [repository]));
        expect(found.map(({ id }) => id)).toEqual([ruleId]);
        expect(found.every((rule) => matchesEvent(rule, repository, "v1"))).toBe(true);
      }
    }
  });

  test("among 10,000 rules the index finds them: no other row is looked at", async () => {
    const { source, target, ruleId } = await pair({ sourceNamespace: "busy" });
    await database().execute(sql`
      insert into rules (id, name, source_instance_id, source_namespace, repository_pattern, resource_type)
      select gen_random_uuid(), 'many-' || n, ${source}, 'ns' || (n % 5000), 'app' || n, 'all'
      from generate_series(1, 10000) n`);
    await database().execute(sql`
      insert into rule_targets (id, rule_id, instance_id)
      select gen_random_uuid(), id, ${target} from rules where name like 'many-%'`);
    await database().execute(sql`analyze rules`);
    const find = (...repositories: string[]) =>
      database().transaction((tx) => rulesForEvents(tx, source, repositories));
    // Another rule of ns7 is for app5007, which cannot be app7.
    expect(await find("busy/app", "ns7/app7")).toHaveLength(2);
    const plans = await plansOf(() => find("busy/app", "ns7/app7"));
    expect(rowsRead(plans, "rules")).toEqual({ rules_event: 3 });
    const startedAt = performance.now();
    expect(await toldAndTaken(source, { repository: "busy/app" })).toMatchObject({ started: [ruleId] });
    process.stdout.write(`    taken among 10,000 rules in ${Math.round(performance.now() - startedAt)} ms\n`);
    await database().delete(ruleTargets).where(eq(ruleTargets.instanceId, target));
    await database().delete(rules).where(eq(rules.sourceInstanceId, source));
  });
});

describe("bursts", () => {
  test("a thousand events are one task, which names each tag once", async () => {
    const { source, ruleId } = await pair();
    for (let n = 0; n < 1_000; n++) {
      await tell(source, { tag: `${n % 40}` });
    }
    while ((await takeEvents(database())) > 0) {}
    const [task, second] = await tasksOf(ruleId);
    expect(second).toBeUndefined();
    expect(task?.scope.kind === "tags" && task.scope.tags).toHaveLength(40);
    expect(
      await database()
        .select()
        .from(taskJoins)
        .where(eq(taskJoins.taskId, task?.id ?? "")),
    ).toHaveLength(1);
  });

  test("what comes while a task runs waits as one task", async () => {
    const { source, ruleId } = await pair();
    await toldAndTaken(source, { tag: "1" });
    await database().update(tasks).set({ status: "running" }).where(eq(tasks.ruleId, ruleId));
    await toldAndTaken(source, { tag: "2" });
    await toldAndTaken(source, { tag: "3" });
    const [, waiting, third] = await tasksOf(ruleId);
    expect(third).toBeUndefined();
    expect(waiting).toMatchObject({
      status: "pending",
      scope: { tags: [{ tag: "2" }, { tag: "3" }].map((tag) => expect.objectContaining(tag)) },
    });
  });

  test("eight workers at once take each event once and never two tasks", async () => {
    const pairs = await Promise.all(Array.from({ length: 4 }, () => pair()));
    const ids: string[] = [];
    for (let n = 0; n < 200; n++) {
      ids.push(await tell(pairs[n % 4]?.source ?? "", { tag: `${n}` }));
    }
    const counts = await Promise.all(Array.from({ length: 8 }, () => takeEvents(wide.db)));
    while ((await takeEvents(wide.db)) > 0) {}
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(200);
    for (const { ruleId } of pairs) {
      const [task, second] = await tasksOf(ruleId);
      expect(second).toBeUndefined();
      expect(task?.scope.kind === "tags" && task.scope.tags).toHaveLength(50);
    }
    for (const id of ids) {
      expect((await becameOf(id)).state).toBe("processed");
    }
  });

  test("a rule that is deleted in this moment is passed over", async () => {
    const { source, ruleId } = await pair();
    const id = await tell(source);
    await wide.db.transaction(async (tx) => {
      await deleteRule(tx, ruleId);
      const taken = takeEvents(wide.db);
      await new Promise((resolve) => setTimeout(resolve, 200));
      return { taken };
    });
    await expect.poll(async () => (await becameOf(id)).state).toBe("ignored");
  });
});

describe("our own push, told back to us", () => {
  /** A task of the rule has put `digest` into the place; `ended` seconds ago, or it still runs. */
  async function wrote(
    ruleId: string,
    {
      from,
      to,
      digest = D1,
      endedSecondsAgo = 5,
      repository = "team/app",
      targetRepository = "team/app",
    }: {
      from: string;
      to: string;
      digest?: string;
      endedSecondsAgo?: number | null;
      repository?: string;
      targetRepository?: string;
    },
  ) {
    const taskId = randomUUID();
    await database()
      .insert(tasks)
      .values({
        id: taskId,
        number: Math.floor(Math.random() * 1_000_000_000),
        ruleId,
        sourceInstanceId: from,
        trigger: "event",
        scope: { kind: "rule" },
        status: "succeeded",
      });
    const at = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1_000);
    await database()
      .insert(transfers)
      .values({
        id: randomUUID(),
        taskId,
        ruleTargetId: randomUUID(),
        targetInstanceId: to,
        repository,
        tag: "1.0",
        targetRepository,
        slice: 0,
        digest,
        status: endedSecondsAgo === null ? "running" : "copied",
        startedAt: at((endedSecondsAgo ?? 0) + 1),
        endedAt: endedSecondsAgo === null ? null : at(endedSecondsAgo),
      });
  }

  /** Rules a→b, b→c and so on round to the first. */
  async function ring(size: number) {
    const places = await Promise.all(Array.from({ length: size }, () => seedInstance(database())));
    const edges = await Promise.all(
      places.map((sourceInstanceId, index) =>
        seedRule(database(), {
          sourceInstanceId,
          targetInstanceIds: [places[(index + 1) % size] ?? ""],
          override: true,
        }),
      ),
    );
    return { places: places as [string, string, ...string[]], edges: edges as [string, string, ...string[]] };
  }

  test.each([
    { when: "once it is written", endedSecondsAgo: 5 },
    { when: "before the worker has noted the end", endedSecondsAgo: null },
  ])("starts no rule back to where it came from, $when", async ({ endedSecondsAgo }) => {
    const { places, edges } = await ring(2);
    await wrote(edges[0], { from: places[0], to: places[1], endedSecondsAgo });
    expect(await toldAndTaken(places[1])).toEqual({ state: "ignored", reason: "echo", started: [] });
  });

  test("goes on along a chain, and a ring of three ends where it began", async () => {
    const { places, edges } = await ring(3);
    const [a, b, c = ""] = places;
    await wrote(edges[0], { from: a, to: b });
    expect(await toldAndTaken(b)).toMatchObject({ started: [edges[1]] });
    await wrote(edges[1], { from: b, to: c });
    expect(await toldAndTaken(c)).toMatchObject({ state: "ignored", reason: "echo" });
  });

  test("in a ring of three with a name of its own at each place and two targets a rule, only the way back is left out", async () => {
    const [a = "", b = "", c = "", aside = ""] = await Promise.all(
      Array.from({ length: 4 }, () => seedInstance(database())),
    );
    // team/app at a is mirror/app at b and third/app at c; from c it goes back to team/app at a, and aside.
    const rule = (sourceInstanceId: string, sourceNamespace: string, to: string[], targetNamespace: string) =>
      seedRule(database(), {
        ...{ sourceInstanceId, sourceNamespace, targetInstanceIds: to, targetNamespace, override: true },
      });
    const [first, second, third] = [
      await rule(a, "team", [b], "mirror"),
      await rule(b, "mirror", [c], "third"),
      await rule(c, "third", [a, aside], "team"),
    ];
    await wrote(first, { from: a, to: b, targetRepository: "mirror/app" });
    expect(await toldAndTaken(b, { repository: "mirror/app" })).toMatchObject({ started: [second] });
    await wrote(second, { from: b, to: c, repository: "mirror/app", targetRepository: "third/app" });
    expect(await toldAndTaken(c, { repository: "third/app" })).toMatchObject({ started: [third] });
    const targets = await database().select().from(ruleTargets).where(eq(ruleTargets.ruleId, third));
    const back = targets.find(({ instanceId }) => instanceId === a)?.id;
    const [task] = await tasksOf(third);
    expect(task?.scope).toMatchObject({ tags: [{ repository: "third/app", except: [back] }] });
  });

  test("goes on to another rule of the same place", async () => {
    const { places, edges } = await ring(2);
    const third = await seedInstance(database());
    const onwards = await seedRule(database(), { sourceInstanceId: places[1], targetInstanceIds: [third] });
    await wrote(edges[0], { from: places[0], to: places[1] });
    expect(await toldAndTaken(places[1])).toMatchObject({ state: "processed", started: [onwards] });
  });

  test("goes on to the other targets of a rule, and not to the one that it came from", async () => {
    const { places, edges } = await ring(2);
    const third = await seedInstance(database());
    const onwards = await seedRule(database(), {
      sourceInstanceId: places[1],
      targetInstanceIds: [places[0], third],
    });
    const targets = await database().select().from(ruleTargets).where(eq(ruleTargets.ruleId, onwards));
    const behind = targets.find(({ instanceId }) => instanceId === places[0])?.id;
    await wrote(edges[0], { from: places[0], to: places[1] });
    expect(await toldAndTaken(places[1])).toMatchObject({ state: "processed", started: [onwards] });
    const [task] = await tasksOf(onwards);
    expect(task?.scope).toMatchObject({ tags: [{ repository: "team/app", tag: "1.0", except: [behind] }] });
    // What somebody else pushes before the task begins goes everywhere.
    await toldAndTaken(places[1], { digest: D2 });
    const [joined] = await tasksOf(onwards);
    expect(joined?.scope.kind === "tags" && joined.scope.tags[0]?.except).toBeUndefined();
  });

  test("somebody's push of other content is none, nor one that says no digest", async () => {
    const { places, edges } = await ring(2);
    await wrote(edges[0], { from: places[0], to: places[1] });
    expect(await toldAndTaken(places[1], { digest: D2 })).toMatchObject({ started: [edges[1]] });
    expect(await toldAndTaken(places[1], { digest: null })).toMatchObject({ started: [edges[1]] });
  });

  test("somebody's push of what we once brought is none: other content came in between", async () => {
    const { places, edges } = await ring(2);
    await wrote(edges[0], { from: places[0], to: places[1] });
    await toldAndTaken(places[1], { digest: D2 });
    expect(await toldAndTaken(places[1])).toMatchObject({ started: [edges[1]] });
  });

  test("a rule into another namespace of the place it came from is no way back", async () => {
    const { places, edges } = await ring(2);
    const aside = await seedRule(database(), {
      sourceInstanceId: places[1],
      targetInstanceIds: [places[0]],
      targetNamespace: "mirror",
    });
    await wrote(edges[0], { from: places[0], to: places[1] });
    expect(await toldAndTaken(places[1])).toMatchObject({ started: [aside] });
  });
});
