import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { POST } from "../../app/api/rules/preview/route.ts";
import { hashPassword } from "../auth/password.ts";
import { closeDatabase, database } from "../db/client.ts";
import { rules } from "../db/schema/rules.ts";
import type { PreviewEvent, PreviewTotals } from "../schemas/preview.ts";
import {
  insertGrant,
  insertInstance,
  insertRule,
  insertTask,
  insertTransfer,
  insertUser,
} from "../testing/console-rows.ts";
import { image, layer } from "../testing/content.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { type LargeRegistry, startLargeRegistry } from "../testing/large-registry.ts";
import { Browser, formOf } from "../testing/next-request.ts";
import { pushContent } from "../testing/push-content.ts";
import type { RunningRegistry } from "../testing/registry/server.ts";
import { temporaryRegistry } from "../testing/registry/temporary-registry.ts";
import { measured } from "../testing/sync-world.ts";
import { signInAction } from "./account.ts";

// Read once, by the first import that asks.
vi.hoisted(() => {
  process.env.EGRESS_ALLOW = "127.0.0.1/32";
});
vi.mock("next/headers", () => import("../testing/next-request.ts"));
vi.mock("next/cache", () => ({ revalidatePath: () => undefined }));

const PASSWORD = "correct horse battery";
const NAMES = 100_000;
const PAGES = 100;
/** For what comes sooner or later: nothing is judged by it. */
const PATIENTLY = { timeout: 60_000, interval: 10 };
let testDb: TestDatabase;
let large: LargeRegistry;
let stuck: LargeRegistry;
let source: RunningRegistry;
let target: RunningRegistry;
const ids = { large: "", stuck: "", source: "", target: "" };

/** What the pages of `large` wait for. */
let beforePage = async (_page: number): Promise<void> => undefined;

/** Requests to `stuck` that were given up by who sent them: it answers the third page of its catalogue to nobody. */
let abandoned = 0;
function leftBehind(gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    gone.addEventListener("abort", () => {
      abandoned += 1;
      resolve();
    });
  });
}

beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  [large, stuck] = await Promise.all([
    startLargeRegistry(NAMES, (page) => beforePage(page)),
    startLargeRegistry(NAMES, (page, gone) => (page < 3 ? Promise.resolve() : leftBehind(gone))),
  ]);
  [source, target] = await Promise.all([temporaryRegistry(), temporaryRegistry()]);
  for (const [name, { origin }] of Object.entries({ large, stuck, source, target })) {
    const fields = { address: origin, plainHttp: true };
    ids[name as keyof typeof ids] = await insertInstance(database(), fields);
  }
  const same = image({ layers: [layer("same", 4_000)] });
  await pushContent(source.origin, "team/api", "v1", same);
  await pushContent(source.origin, "team/api", "v2", image({ layers: [layer("new", 9_000)] }));
  await pushContent(source.origin, "team/web", "v1", image({ layers: [layer("web", 7_000)] }));
  await pushContent(target.origin, "mirror/api", "v1", same);
  await pushContent(target.origin, "mirror/web", "v1", image({ layers: [layer("old web", 7_000)] }));
});
afterAll(async () => {
  await Promise.all([large, stuck, source, target].map((server) => server?.stop()));
  await closeDatabase();
  await testDb?.drop();
});

async function signedIn(
  grants: Partial<Record<keyof typeof ids, "manage" | "operate" | "receive">> = {},
): Promise<Browser> {
  const username = `user-${crypto.randomUUID().slice(0, 8)}`;
  const role = Object.keys(grants).length > 0 ? "sub-account" : "root";
  const fields = { username, role, passwordHash: await hashPassword(PASSWORD) } as const;
  const userId = await insertUser(database(), fields);
  for (const [name, grant] of Object.entries(grants)) {
    const held = grant === "receive" ? { receive: true } : { level: grant };
    await insertGrant(database(), userId, ids[name as keyof typeof ids], held);
  }
  const browser = new Browser();
  await browser.request(() => signInAction({ status: "idle" }, formOf({ username, password: PASSWORD })));
  return browser;
}

const draft = (sourceInstanceId: string, fields: object = {}) => ({
  sourceInstanceId,
  sourceNamespace: "team",
  repositoryPattern: "",
  tagPattern: "",
  resourceType: "all",
  override: false,
  targets: [],
  ...fields,
});

async function ask(
  browser: Browser,
  input: object,
  { signal, headers = {} }: { signal?: AbortSignal; headers?: Record<string, string | null> } = {},
): Promise<Response> {
  const origin = headers.origin === undefined ? `http://${Browser.host}` : (headers.origin ?? "");
  const request = new Request(`http://${Browser.host}/api/rules/preview`, {
    method: "POST",
    body: JSON.stringify(input),
    headers: { host: Browser.host, origin },
    ...(signal ? { signal } : {}),
  });
  return browser.request(() => POST(request), headers);
}

async function* eventsOf(response: Response) {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of response.body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      yield JSON.parse(line) as PreviewEvent;
    }
  }
}

async function read(response: Response): Promise<PreviewEvent[]> {
  expect(response.status, await response.clone().text()).toBe(200);
  const events: PreviewEvent[] = [];
  for await (const event of eventsOf(response)) {
    events.push(event);
  }
  return events;
}

const rowsOf = (events: PreviewEvent[]) =>
  events.flatMap((event) => (event.kind === "rows" ? event.rows : []));
const totalsOf = (events: PreviewEvent[]): PreviewTotals | undefined =>
  events.flatMap((event) => (event.kind === "totals" ? [event.totals] : [])).at(-1);

describe("what a rule would do", () => {
  test("each tag with its verdict, its place and its size, and the totals", async () => {
    const browser = await signedIn({ source: "manage", target: "receive" });
    const targets = [{ instanceId: ids.target, namespace: "mirror" }];
    const events = await read(await ask(browser, { draft: draft(ids.source, { targets, override: true }) }));
    expect(
      rowsOf(events).map(({ repository, tag, outcomes: [outcome] }) => [
        `${repository}:${tag}`,
        outcome?.repository,
        outcome?.verdict,
      ]),
    ).toEqual([
      ["team/api:v1", "mirror/api", "up-to-date"],
      ["team/api:v2", "mirror/api", "copy"],
      ["team/web:v1", "mirror/web", "overwrite"],
    ]);
    const totals = totalsOf(events);
    expect(totals?.repositories).toMatchObject({ listed: 2, matched: 2, complete: true });
    expect(totals?.bytes).toMatchObject({ state: "exact" });
    expect(totals?.bytes.toMove).toBeGreaterThan(16_000);
  });

  test("what is newer at the target than at the source stays, as a task would leave it", async () => {
    // A rule back brought what the source has under this tag; it would bring what the target has got since.
    const ends = { source: ids.target, target: ids.source, namespace: "team" };
    const back = await insertRule(database(), ends, { sourceNamespace: "mirror", override: true });
    const taskId = await insertTask(database(), { ruleId: back.ruleId, source: ids.target });
    const brought = image({ layers: [layer("web", 7_000)] }).manifest.digest;
    const ended = { status: "copied", startedAt: new Date(), endedAt: new Date() } as const;
    await insertTransfer(
      database(),
      { taskId, target: ids.source },
      { repository: "mirror/web", targetRepository: "team/web", tag: "v1", digest: brought, ...ended },
    );
    const browser = await signedIn({ source: "manage", target: "receive" });
    const targets = [{ instanceId: ids.target, namespace: "mirror" }];
    const verdict = async (fresh: boolean) => {
      const asked = { draft: draft(ids.source, { targets, override: true }), fresh };
      const events = await read(await ask(browser, asked));
      expect(totalsOf(events)?.bytes).toMatchObject({ state: "exact" });
      return rowsOf(events).find(({ repository }) => repository === "team/web")?.outcomes[0]?.verdict;
    };
    expect(await verdict(true)).toBe("behind");
    await database().update(rules).set({ enabled: false }).where(eq(rules.id, back.ruleId));
    expect(await verdict(false)).toBe("overwrite");
    await database().delete(rules).where(eq(rules.id, back.ruleId));
  });

  test("a tag of its own: there or not", async () => {
    const browser = await signedIn();
    const probe = async (tag: string) =>
      (
        await read(await ask(browser, { draft: draft(ids.source), only: { repository: "team/api", tag } }))
      ).find(({ kind }) => kind === "probe");
    expect(await probe("v1")).toEqual({ kind: "probe", found: "match" });
    expect(await probe("v9")).toEqual({ kind: "probe", found: "absent" });
    const charts = draft(ids.source, { resourceType: "chart" });
    const events = await read(
      await ask(browser, { draft: charts, only: { repository: "team/api", tag: "v1" } }),
    );
    expect(events).toContainEqual({ kind: "probe", found: "other-type" });
  });

  test("a saved rule is shown to whoever may trigger it, and to nobody else", async () => {
    const { ruleId } = await insertRule(database(), { source: ids.source, target: ids.target });
    const operator = await signedIn({ source: "operate" });
    expect(rowsOf(await read(await ask(operator, { ruleId })))).toHaveLength(3);
    expect((await ask(await signedIn({ target: "manage" }), { ruleId })).status).toBe(403);
    expect((await ask(await signedIn({ large: "manage" }), { ruleId })).status).toBe(404);
  });

  test("a blocked address and a closed port answer alike", async () => {
    const browser = await signedIn();
    const failureAt = async (address: string) => {
      const instanceId = await insertInstance(database(), { address, plainHttp: true });
      const events = await read(await ask(browser, { draft: draft(instanceId) }));
      return events.find(({ kind }) => kind === "failed");
    };
    const blocked = await failureAt("http://127.9.9.9:9");
    expect(blocked).toMatchObject({ failure: { code: "UNREACHABLE", registryMessage: null, request: null } });
    expect(await failureAt("http://127.0.0.1:9")).toEqual(blocked);
  });

  test("is refused from another page, without a session, and for what is no draft", async () => {
    const browser = await signedIn();
    const input = { draft: draft(ids.source) };
    expect((await ask(browser, input, { headers: { origin: "http://evil.test" } })).status).toBe(403);
    expect((await ask(new Browser(), input)).status).toBe(401);
    expect((await ask(browser, {})).status).toBe(400);
    expect((await ask(browser, { draft: draft(ids.source, { tagPattern: "(" }) })).status).toBe(400);
  });
});

describe("a catalogue of 100,000 names", () => {
  /** Reads until every name is counted. */
  async function counted(response: Response): Promise<PreviewTotals> {
    for await (const event of eventsOf(response)) {
      if (event.kind === "totals" && event.totals.repositories.complete) {
        return event.totals;
      }
    }
    throw new Error("the preview ended before every name was counted");
  }

  test("the first row comes while names are still listed; each page is asked for once, and for the next key none", async () => {
    const browser = await signedIn();
    const rest = Promise.withResolvers<void>();
    beforePage = (page) => (page > 2 ? rest.promise : Promise.resolve());
    const startedAt = performance.now();
    const since = (at: number) => Math.round(performance.now() - at);
    const events = eventsOf(
      await ask(browser, { draft: draft(ids.large, { repositoryPattern: ".*99" }), fresh: true }),
    );
    let event = (await events.next()).value;
    while (event && event.kind !== "rows") {
      event = (await events.next()).value;
    }
    expect(event?.kind).toBe("rows");
    expect(large.pages()).toBeLessThanOrEqual(3);
    const firstRowMs = since(startedAt);
    rest.resolve();
    while (event && !(event.kind === "totals" && event.totals.repositories.complete)) {
      event = (await events.next()).value;
    }
    expect(event).toMatchObject({ totals: { repositories: { listed: NAMES, matched: NAMES / 100 } } });
    const countMs = since(startedAt);
    await events.return(undefined);
    expect(large.pages()).toBe(PAGES);

    const againAt = performance.now();
    const next = await ask(browser, { draft: draft(ids.large, { repositoryPattern: ".*98" }) });
    expect((await counted(next)).repositories).toMatchObject({ listed: NAMES, matched: NAMES / 100 });
    expect(large.pages()).toBe(PAGES);
    measured(
      `${NAMES} names: first row ${firstRowMs} ms, full count ${countMs} ms, after the next key ${since(againAt)} ms`,
    );
  });

  // What is only garbage is no leak.
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;

  test("memory stays flat while it is matched again and again", async () => {
    const browser = await signedIn();
    const once = async (run: number): Promise<number> => {
      const controller = new AbortController();
      const input = { draft: draft(ids.large, { repositoryPattern: `.*${run % 10}7` }) };
      await counted(await ask(browser, input, { signal: controller.signal }));
      controller.abort();
      await sleep(20);
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const warm = await once(0);
    let last = warm;
    for (let run = 1; run <= 10; run += 1) {
      last = await once(run);
    }
    measured(`heap after 1 and 11 previews: ${mib(warm)} and ${mib(last)} MiB`);
    expect(last - warm).toBeLessThan(32 * 1024 * 1024);
  });
});

const mib = (bytes: number): number => Math.round(bytes / 1024 / 1024);

describe("the next key", () => {
  test("ends the requests of a preview, and no other is sent", async () => {
    const browser = await signedIn();
    const controller = new AbortController();
    const input = { draft: draft(ids.stuck), fresh: true };
    const response = await ask(browser, input, { signal: controller.signal });
    for await (const event of eventsOf(response)) {
      if (event.kind === "rows") {
        break;
      }
    }
    await vi.waitUntil(() => stuck.pages() === 3, PATIENTLY);
    expect(abandoned).toBe(0);
    controller.abort();
    await vi.waitUntil(() => abandoned === 1, PATIENTLY);
    const asked = stuck.requests();
    await sleep(300);
    expect([stuck.requests(), stuck.pages()]).toEqual([asked, 3]);
  });

  test("a user's fifth preview ends the first", async () => {
    const browser = await signedIn();
    const open = () => ask(browser, { draft: draft(ids.stuck), fresh: true });
    const first = eventsOf(await open());
    await first.next();
    const others = await Promise.all([open(), open(), open(), open()]);
    const heard = others.map((response) => eventsOf(response));
    await Promise.all(heard.map((events) => events.next()));
    let last: PreviewEvent | undefined;
    for await (const event of first) {
      last = event;
    }
    expect(last).toMatchObject({ kind: "end", limit: "superseded" });
    await Promise.all(heard.map((events) => events.return(undefined)));
  });
});
