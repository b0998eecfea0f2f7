import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { POST } from "../../app/api/events/[instanceId]/[[...secret]]/route.ts";
import { GET as instanceRoute } from "../../app/api/instances/[id]/route.ts";
import { hashPassword } from "../auth/password.ts";
import { closeDatabase, database } from "../db/client.ts";
import { audit } from "../db/schema/audit.ts";
import { eventAddresses, events } from "../db/schema/events.ts";
import type { InstanceDetail } from "../schemas/instance-health.ts";
import type { DialectName } from "../schemas/words.ts";
import { insertInstance, insertRule, insertUser } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { Browser, formOf } from "../testing/next-request.ts";
import { signInAction } from "./account.ts";
import { setEventAddressAction } from "./instances.ts";

vi.mock("next/headers", () => import("../testing/next-request.ts"));
vi.mock("next/cache", () => ({ revalidatePath: () => undefined }));

const PASSWORD = "correct horse battery";
const IDLE = { status: "idle" } as const;
let testDb: TestDatabase;
let root: Browser;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  await insertUser(database(), {
    username: "root",
    role: "root",
    passwordHash: await hashPassword(PASSWORD),
  });
  root = new Browser();
  await root.request(() => signInAction(IDLE, formOf({ username: "root", password: PASSWORD })));
});
afterAll(async () => {
  await closeDatabase();
  await testDb?.drop();
});

async function tokenFor(instanceId: string, dialect: DialectName, endPrevious = false): Promise<string> {
  const state = await root.request(() =>
    setEventAddressAction(IDLE, formOf({ instanceId, dialect, endPrevious })),
  );
  if (state.status !== "ok") {
    throw new Error(JSON.stringify(state));
  }
  return state.result.token;
}

interface Sent {
  body?: unknown;
  headers?: Record<string, string>;
  secret?: string[];
}

/** A machine: no cookie, no Origin. */
async function send(instanceId: string, { body = push(), headers = {}, secret }: Sent = {}) {
  const request = new Request(`http://console.test/api/events/${instanceId}`, {
    method: "POST",
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const params = Promise.resolve({ instanceId, ...(secret ? { secret } : {}) });
  const response = await new Browser().request(() => POST(request, { params }), { origin: null });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

let serial = 0;
const push = () => ({
  id: `event-${++serial}`,
  repository: "team/app",
  tag: "1.0",
  digest: `sha256:${"1".repeat(64)}`,
});
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const inboxOf = (instanceId: string) =>
  database().select().from(events).where(eq(events.instanceId, instanceId)).orderBy(events.id);

describe("the inbox", () => {
  test("what was told is written down and answered 202; a replay of a thousand adds nothing", async () => {
    const id = await insertInstance(database());
    const token = await tokenFor(id, "generic");
    const body = { events: Array.from({ length: 1_000 }, push) };
    expect(await send(id, { body, ...bearer(token) })).toEqual({
      status: 202,
      body: { received: 1_000, fresh: 1_000 },
    });
    expect(await send(id, { body, ...bearer(token) })).toEqual({
      status: 202,
      body: { received: 1_000, fresh: 0 },
    });
    const shouted = await send(id.toUpperCase(), { body, ...bearer(token) });
    expect(shouted.body).toEqual({ received: 1_000, fresh: 0 });
    const rows = await inboxOf(id);
    expect(rows).toHaveLength(1_000);
    expect(rows[0]).toMatchObject({
      dialect: "generic",
      action: "push",
      repository: "team/app",
      tag: "1.0",
      state: "accepted",
    });
  });

  test("the same event id of another instance is another event", async () => {
    const [one, other] = [await insertInstance(database()), await insertInstance(database())];
    const body = push();
    for (const id of [one, other]) {
      const { body: answer } = await send(id, { body, ...bearer(await tokenFor(id, "generic")) });
      expect(answer).toEqual({ received: 1, fresh: 1 });
    }
  });

  test("what many bring at once is counted for each, and is in the inbox once", async () => {
    const [one, other] = [await insertInstance(database()), await insertInstance(database())];
    const tokens = new Map([
      [one, await tokenFor(one, "generic")],
      [other, await tokenFor(other, "generic")],
    ]);
    const bodies = Array.from({ length: 40 }, (_, n) => ({ events: Array.from({ length: n % 4 }, push) }));
    // Each twice, at both: whichever comes first is the new one.
    const sends = [one, other].flatMap((id) =>
      [...bodies, ...bodies].map(async (body) => {
        const answer = await send(id, { body, ...bearer(tokens.get(id) ?? "") });
        expect(answer).toMatchObject({ status: 202, body: { received: body.events.length } });
        return { id, body, fresh: Number(answer.body.fresh) };
      }),
    );
    const forged = Array.from({ length: 20 }, () => send(one, bearer(tokens.get(other) ?? "")));
    expect((await Promise.all(forged)).map(({ status }) => status)).toEqual(Array(20).fill(401));
    const answers = await Promise.all(sends);
    for (const id of [one, other]) {
      for (const body of bodies) {
        const twice = answers.filter((answer) => answer.id === id && answer.body === body);
        const fresh = twice.map((answer) => answer.fresh).toSorted((a, b) => a - b);
        expect(fresh).toEqual([0, body.events.length]);
      }
      const told = (await inboxOf(id)).filter(({ state }) => state === "accepted");
      expect(told.map(({ eventId }) => eventId).toSorted()).toEqual(
        bodies.flatMap((body) => body.events.map((event) => event.id)).toSorted(),
      );
    }
  });

  test("nothing to do is a good answer, and leaves no row", async () => {
    const id = await insertInstance(database());
    const token = await tokenFor(id, "distribution");
    const pull = { id: "x", action: "pull", target: { repository: "team/app", tag: "1.0" } };
    expect(await send(id, { body: { events: [pull] }, ...bearer(token) })).toMatchObject({ status: 202 });
    expect(await inboxOf(id)).toEqual([]);
  });

  test("what is no event is 400, and more than a mebibyte 413, announced or not", async () => {
    const id = await insertInstance(database());
    const token = await tokenFor(id, "generic");
    expect((await send(id, { body: "{", ...bearer(token) })).status).toBe(400);
    expect((await send(id, { body: `"${"x".repeat(1024 * 1024)}"`, ...bearer(token) })).status).toBe(413);
    let pulled = 0;
    const endless = async (headers: Record<string, string>) => {
      const body = new ReadableStream<Uint8Array>(
        {
          pull: (controller) => {
            pulled += 1;
            controller.enqueue(new Uint8Array(65_536));
          },
        },
        { highWaterMark: 0 },
      );
      const init = { method: "POST", body, headers, duplex: "half" } as RequestInit;
      const request = new Request(`http://console.test/api/events/${id}`, init);
      const params = Promise.resolve({ instanceId: id });
      return (await new Browser().request(() => POST(request, { params }), { origin: null })).status;
    };
    // Of a stranger nothing is read.
    expect([await endless(bearer("guess").headers), pulled]).toEqual([401, 0]);
    expect([await endless(bearer(token).headers), pulled]).toEqual([413, 17]);
    // The wrong sender was chosen, perhaps: whoever set it up should see that something comes.
    await expect
      .poll(async () => (await inboxOf(id)).map(({ state, reason }) => `${state} ${reason}`).toSorted())
      .toEqual(["refused token", "refused unreadable"]);
  });
});

describe("hostile bodies", () => {
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  const bomb = () => new Uint8Array(gzipSync(Buffer.alloc(64 * 1024 * 1024, "[")));
  const cases: [string, () => string | Uint8Array<ArrayBuffer>, number][] = [
    ["a bomb of 64 MiB, packed", bomb, 400],
    ["a packed event", () => new Uint8Array(gzipSync(JSON.stringify(push()))), 400],
    ["100,000 arrays within each other", () => nested(100_000), 400],
    [
      "an event within 100,000 arrays",
      () => `{"id":${nested(100_000)},"repository":"team/app","tag":"1"}`,
      400,
    ],
    ["UTF-16", () => new Uint8Array(Buffer.from(JSON.stringify(push()), "utf16le")), 400],
    ["half a character", () => new Uint8Array([0x7b, 0xc3, 0x28, 0x7d]), 400],
    ["a byte order mark ahead of it", () => `\ufeff${JSON.stringify(push())}`, 202],
    ["1,001 events", () => JSON.stringify({ events: Array.from({ length: 1_001 }, push) }), 400],
    ["a prototype", () => '{"__proto__":{"repository":"team/app"},"tag":"1.0"}', 400],
    ["nothing", () => "", 400],
  ];
  test.each(cases)("%s: %#", async (_name, bodyOf, status) => {
    const id = await insertInstance(database());
    const { headers } = bearer(await tokenFor(id, "generic"));
    const request = new Request(`http://console.test/api/events/${id}`, {
      method: "POST",
      headers: { ...headers, "content-encoding": "gzip", "content-type": "text/plain" },
      body: bodyOf(),
    });
    const params = Promise.resolve({ instanceId: id });
    const response = await new Browser().request(() => POST(request, { params }), { origin: null });
    expect(response.status).toBe(status);
    const rows = await inboxOf(id);
    expect(rows.map(({ state }) => state)).toEqual([status === 202 ? "accepted" : "refused"]);
  });
});

describe("who sends", () => {
  test("each way of proof, through the route", async () => {
    const ways: [DialectName, unknown, (token: string, body: string) => Sent][] = [
      [
        "harbor",
        { type: "PUSH_ARTIFACT", event_data: harborData() },
        (token) => ({ headers: { authorization: token } }),
      ],
      ["tcr", { type: "pushImage", event_data: harborData() }, bearer],
      ["quay", { repository: "team/app", updated_tags: ["1.0"] }, (token) => ({ secret: [token] })],
      [
        "ghcr",
        {
          action: "published",
          package: {
            name: "app",
            namespace: "team",
            package_type: "container",
            package_version: { container_metadata: { tag: { name: "1.0" } } },
          },
        },
        (token, body) => ({
          headers: {
            "x-hub-signature-256": `sha256=${createHmac("sha256", token).update(body).digest("hex")}`,
          },
        }),
      ],
    ];
    for (const [dialect, content, way] of ways) {
      const id = await insertInstance(database());
      const token = await tokenFor(id, dialect);
      const body = JSON.stringify(content);
      expect(await send(id, { body, ...way(token, body) }), dialect).toMatchObject({
        status: 202,
        body: { fresh: 1 },
      });
      expect((await send(id, { body, ...way(`${token}x`, body) })).status, dialect).toBe(401);
      expect((await send(id, { body })).status, dialect).toBe(401);
    }
  });

  test("200 forgeries are refused alike, whether or not there is something to guess at", async () => {
    const id = await insertInstance(database());
    const silent = await insertInstance(database());
    const foreign = await tokenFor(await insertInstance(database()), "generic");
    const token = await tokenFor(id, "generic");
    const guesses = Array.from({ length: 50 }, (_, n) => [
      "",
      token.slice(0, n % token.length),
      token.replace(/.$/, String.fromCharCode(48 + (n % 10) + (token.endsWith(String(n % 10)) ? 1 : 0))),
      n % 2 ? foreign : token.toUpperCase(),
    ]).flat();
    expect(guesses).toHaveLength(200);
    const answers = new Set<string>();
    for (const guess of guesses) {
      const { status, body } = await send(id, bearer(guess));
      answers.add(JSON.stringify({ status, ...body, requestId: null }));
    }
    for (const nobody of [silent, crypto.randomUUID(), "x", "%00"]) {
      const { status, body } = await send(nobody, bearer(token));
      answers.add(JSON.stringify({ status, ...body, requestId: null }));
    }
    expect([...answers]).toHaveLength(1);
    expect([...answers][0]).toContain('"status":401');
    // Who set it up sees that something is wrong; who guesses fills no table.
    await vi.waitFor(
      async () => {
        const rows = await inboxOf(id);
        expect(rows[0]).toMatchObject({ state: "refused", reason: "token", repository: null });
        expect(rows.length).toBeLessThanOrEqual(2);
      },
      { timeout: 30_000 },
    );
  });

  test("a new token, and the one before for a day, unless it is to end", async () => {
    const id = await insertInstance(database());
    const first = await tokenFor(id, "generic");
    const second = await tokenFor(id, "generic");
    const passes = async (token: string) => (await send(id, bearer(token))).status === 202;
    expect([await passes(first), await passes(second)]).toEqual([true, true]);
    // Asked again at once, as after an answer that was lost: the token that may be in use stays.
    const third = await tokenFor(id, "generic");
    expect([await passes(first), await passes(second), await passes(third)]).toEqual([true, false, true]);
    await database()
      .update(eventAddresses)
      .set({ previousUntil: new Date(Date.now() - 1_000) })
      .where(eq(eventAddresses.instanceId, id));
    expect([await passes(first), await passes(third)]).toEqual([false, true]);
    const last = await tokenFor(id, "generic", true);
    expect([await passes(third), await passes(last)]).toEqual([false, true]);
  });

  test("no token is kept anywhere but hashed, or sealed where it signs", async () => {
    const [plain, signing] = [await insertInstance(database()), await insertInstance(database())];
    const tokens = [await tokenFor(plain, "quay"), await tokenFor(signing, "ghcr")];
    await send(plain, { secret: [tokens[0] ?? ""], body: { repository: "team/app", updated_tags: ["1.0"] } });
    const rows = await Promise.all([
      database().select().from(eventAddresses),
      database().select().from(events),
      database().select().from(audit),
      database().execute("select * from submissions"),
    ]);
    const everything = JSON.stringify(rows);
    for (const token of tokens) {
      expect(everything).not.toContain(token);
    }
    const [stored] = await database()
      .select()
      .from(eventAddresses)
      .where(eq(eventAddresses.instanceId, signing));
    expect(stored?.tokenSealed).toMatch(/^v1\./);
    const [other] = await database()
      .select()
      .from(eventAddresses)
      .where(eq(eventAddresses.instanceId, plain));
    expect(other?.tokenSealed).toBeNull();
  });
});

describe("the page of an instance", () => {
  const detailOf = async (id: string) => {
    const response = await root.request(() =>
      instanceRoute(new Request(`http://console.test/api/instances/${id}`), {
        params: Promise.resolve({ id }),
      }),
    );
    return ((await response.json()) as InstanceDetail).events;
  };

  test("tells nothing before there is an address, then its sender, the end of its token, and what became of events", async () => {
    const source = await insertInstance(database());
    expect(await detailOf(source)).toEqual({ address: null, latest: [] });
    const first = await tokenFor(source, "harbor");
    expect((await detailOf(source)).address).toMatchObject({
      dialect: "harbor",
      tokenHint: first.slice(-4),
      previousUntil: null,
    });
    const before = await tokenFor(source, "generic");
    // Another sender: what still comes as Harbor sends it could not be read.
    expect((await detailOf(source)).address).toMatchObject({ dialect: "generic", previousUntil: null });
    expect((await send(source, bearer(first))).status).toBe(401);
    // A refusal is noted after the answer.
    await expect.poll(() => inboxOf(source)).toHaveLength(1);
    const token = await tokenFor(source, "generic");
    expect((await send(source, bearer(before))).status).toBe(202);
    await database().delete(events).where(eq(events.instanceId, source));
    const { ruleId, name } = await insertRule(database(), {
      source,
      target: await insertInstance(database()),
    });
    await send(source, { body: push(), ...bearer(token) });
    await send(source, { body: { ...push(), tag: "2.0" }, ...bearer(token) });
    const taskId = crypto.randomUUID();
    await database()
      .update(events)
      .set({
        state: "processed",
        started: [
          { ruleId, taskId },
          { ruleId: crypto.randomUUID(), taskId },
        ],
      })
      .where(and(eq(events.instanceId, source), eq(events.tag, "1.0")));
    const { address, latest } = await detailOf(source);
    expect(Date.parse(address?.previousUntil ?? "")).toBeGreaterThan(Date.now() + 23 * 3_600_000);
    expect(latest).toMatchObject([
      { tag: "2.0", state: "accepted", started: [] },
      { tag: "1.0", state: "processed", started: [{ ruleId, ruleName: name, taskId }] },
    ]);
    expect(JSON.stringify({ address, latest })).not.toMatch(/hash|sealed|lse_/i);
  });
});

function harborData() {
  return {
    resources: [{ digest: `sha256:${"1".repeat(64)}`, tag: "1.0" }],
    repository: { repo_full_name: "team/app" },
  };
}
