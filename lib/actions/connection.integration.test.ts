import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { hashPassword } from "../auth/password.ts";
import { closeDatabase, database } from "../db/client.ts";
import { instancePasswordPlace } from "../db/instance-connection.ts";
import { audit } from "../db/schema/audit.ts";
import { instanceChecks } from "../db/schema/history.ts";
import { instances } from "../db/schema/instances.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import type { ConnectionReport } from "../schemas/instance.ts";
import { open, seal } from "../secrets.ts";
import { startChartMuseum, type TestChartMuseum } from "../testing/chart-museum/chart-museum.ts";
import { insertInstance, insertUser } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { freePort } from "../testing/free-port.ts";
import { Browser, formOf } from "../testing/next-request.ts";
import { signInAction } from "./account.ts";
import { readNamespaces } from "./connection.ts";
import { checkInstanceAction, rotateCredentialAction, testConnectionAction } from "./instances.ts";

// The environment is read when the first module asks, which is before any hook runs.
vi.hoisted(() => {
  process.env.EGRESS_ALLOW = "127.0.0.1/32";
});
vi.mock("next/headers", () => import("../testing/next-request.ts"));
vi.mock("next/cache", () => ({ revalidatePath: () => undefined }));

const CANARY = "canary-stored-password";
const CREDENTIALS = `Basic ${Buffer.from(`robot:${CANARY}`).toString("base64")}`;
const IDLE = { status: "idle" } as const;

/** A registry that asks for a password, and one that only listens: both keep every header they were sent. */
function registry(accepts: string | null) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    if (request.headers.authorization !== accepts) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
      return;
    }
    const body = request.url?.startsWith("/v2/_catalog")
      ? { repositories: ["team/app", "team/web", "lone"] }
      : {};
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  return { requests, server, origin: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const good = registry(CREDENTIALS);
const evil = registry("nothing is accepted");
let testDb: TestDatabase;
let browser: Browser;
let instanceId: string;

beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  await prepareQueues(testDb.url);
  for (const { server } of [good, evil]) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  }
  const password = "correct horse battery";
  await insertUser(database(), {
    username: "root",
    role: "root",
    passwordHash: await hashPassword(password),
  });
  browser = new Browser();
  await browser.request(() => signInAction(IDLE, formOf({ username: "root", password })));
  instanceId = await insertInstance(database(), {
    address: good.origin(),
    plainHttp: true,
    username: "robot",
  });
  await database()
    .update(instances)
    .set({ passwordSealed: seal(CANARY, instancePasswordPlace(instanceId)) });
});
afterAll(async () => {
  good.server.close();
  evil.server.close();
  await closeBoss();
  await closeDatabase();
  await testDb.drop();
});

async function check(change: object): Promise<ConnectionReport> {
  const fields = {
    name: "x",
    address: good.origin(),
    vendor: "generic",
    plainHttp: true,
    username: "robot",
    password: "",
  };
  const state = await browser.request(() => testConnectionAction(IDLE, formOf({ ...fields, ...change })));
  if (state.status !== "ok") {
    throw new Error(JSON.stringify(state));
  }
  return state.result;
}

describe("testing a connection", () => {
  test("uses the stored password for the stored origin, and authenticates and lists with it", async () => {
    expect(await check({ instanceId })).toMatchObject({
      ok: true,
      authentication: "basic",
      canList: true,
      repositoriesSeen: 3,
    });
  });

  test("never sends it to another origin, nor to where no instance is named", async () => {
    expect(await check({ instanceId, address: evil.origin() })).toMatchObject({
      ok: false,
      code: "UNAUTHORIZED",
    });
    expect(await check({ address: evil.origin() })).toMatchObject({ ok: false });
    expect(await check({ address: good.origin() })).toMatchObject({ ok: false, code: "UNAUTHORIZED" });
    expect(evil.requests.length).toBeGreaterThan(0);
    const sent = evil.requests.map((request) => JSON.stringify(request.headers)).join();
    expect(sent).not.toContain(CREDENTIALS.slice(6));
    expect(sent).not.toContain(CANARY);
  });

  test("says that a login is asked for where none is given", async () => {
    expect(await check({ username: "" })).toMatchObject({
      ok: false,
      code: "LOGIN_REQUIRED",
      httpStatus: 401,
    });
  });

  test("says that wrong credentials are refused, with the status", async () => {
    expect(await check({ instanceId, password: "wrong" })).toMatchObject({
      ok: false,
      code: "UNAUTHORIZED",
      httpStatus: 401,
    });
  });

  test("answers a blocked address exactly as a closed port", async () => {
    const closed = await check({ address: `http://127.0.0.1:${await freePort()}` });
    for (const address of [
      "http://127.0.0.2:80",
      "http://169.254.169.254",
      "http://[::1]:80",
      "http://10.0.0.1",
    ]) {
      const blocked = await check({ address });
      expect({ ...blocked, latencyMs: 0 }).toEqual({ ...closed, latencyMs: 0 });
    }
    expect(closed).toMatchObject({ ok: false, code: "UNREACHABLE", httpStatus: null, detail: null });
  });

  test("leaves nothing secret in the answer or the audit", async () => {
    const answers = [await check({ instanceId }), await check({ instanceId, password: "canary-typed" })];
    const rows = await database().select().from(audit);
    expect(JSON.stringify([answers, rows])).not.toContain("canary");
  });
});

describe("testing a connection with a chart repository", () => {
  const museums: TestChartMuseum[] = [];
  afterEach(() => Promise.all(museums.splice(0).map((museum) => museum.stop())));
  async function museum(account = { username: "robot", password: CANARY }): Promise<TestChartMuseum> {
    const started = await startChartMuseum({ account });
    museums.push(started);
    return started;
  }

  test("both are asked, each with a result of its own", async () => {
    const charts = await museum();
    const typed = { password: CANARY, chartsAddress: charts.address };
    expect(await check(typed)).toMatchObject({ ok: true, charts: { ok: true, listed: true } });
    expect(await check({ ...typed, chartsAddress: `${charts.address}/x/y/z` })).toMatchObject({
      charts: { ok: true, listed: true },
    });
    expect(await check({ password: CANARY })).toMatchObject({ ok: true, charts: null });
    const other = await museum({ username: "robot", password: "another" });
    expect(await check({ ...typed, chartsAddress: other.address })).toMatchObject({
      ok: true,
      charts: { ok: false, code: "UNAUTHORIZED", httpStatus: 401 },
    });
    const closed = `http://127.0.0.1:${await freePort()}`;
    const unreached = { ok: false, code: "UNREACHABLE", httpStatus: null, detail: null };
    for (const address of [closed, "http://127.0.0.2:80/charts", "http://169.254.169.254"]) {
      expect(await check({ ...typed, chartsAddress: address })).toMatchObject({ charts: unreached });
    }
  });

  test("the stored password is not shown to one at another origin", async () => {
    const thief = await museum();
    const report = await check({ instanceId, chartsAddress: thief.address });
    expect(report).toMatchObject({ ok: false, code: "UNAUTHORIZED" });
    await expect.poll(() => thief.requests.length).toBeGreaterThan(0);
    expect(thief.requests.filter(({ authorization }) => authorization === CREDENTIALS)).toEqual([]);
    await database()
      .update(instances)
      .set({ chartsAddress: thief.address })
      .where(eq(instances.id, instanceId));
    expect(await check({ instanceId, chartsAddress: `${thief.address}/team` })).toMatchObject({
      ok: true,
      charts: { ok: true },
    });
    await database().update(instances).set({ chartsAddress: null }).where(eq(instances.id, instanceId));
  });
});

describe("a stored password that cannot be opened", () => {
  const check = () => browser.request(() => checkInstanceAction(IDLE, formOf({ instanceId })));
  let sealed: string;
  beforeAll(async () => {
    const [row] = await database().select().from(instances).where(eq(instances.id, instanceId));
    sealed = row?.passwordSealed ?? "";
  });
  afterAll(async () => {
    await database().update(instances).set({ passwordSealed: sealed }).where(eq(instances.id, instanceId));
  });

  /** The bytes of nonce, ciphertext and tag with one bit turned. */
  function turned(at: number): string {
    const [version, key, text = ""] = sealed.split(".");
    const bytes = Buffer.from(text, "base64url");
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    return `${version}.${key}.${bytes.toString("base64url")}`;
  }

  test.each([
    ["a bit of the nonce turned", () => turned(0)],
    ["a bit of the ciphertext turned", () => turned(12)],
    ["a bit of the tag turned", () => turned(12 + CANARY.length)],
    ["the text of another row", () => seal(CANARY, instancePasswordPlace(crypto.randomUUID()))],
    ["the text of another field", () => seal(CANARY, `instances|${instanceId}|username`)],
    ["another key", () => sealed.replace(/^v1\.[0-9a-f]{8}/, "v1.00000000")],
    ["the password in the clear", () => CANARY],
    ["nothing", () => ""],
  ])("%s: said in one word, and nothing is sent", async (_what, stored) => {
    await database().update(instances).set({ passwordSealed: stored() }).where(eq(instances.id, instanceId));
    const sentBefore = good.requests.length;
    expect(await check()).toMatchObject({
      status: "ok",
      result: { ok: false, code: "CREDENTIALS_UNREADABLE" },
    });
    const [row] = await database().select().from(instances).where(eq(instances.id, instanceId));
    expect(row).toMatchObject({ healthStatus: "unreachable", healthCode: "CREDENTIALS_UNREADABLE" });
    expect(good.requests).toHaveLength(sentBefore);
  });
});

test("checking an instance keeps the result as its health", async () => {
  const state = await browser.request(() => checkInstanceAction(IDLE, formOf({ instanceId })));
  expect(state).toMatchObject({ status: "ok", result: { ok: true } });
  const [row] = await database().select().from(instances);
  expect(row).toMatchObject({
    healthStatus: "healthy",
    healthCode: null,
    healthLatencyMs: expect.any(Number),
  });
});

test("namespaces are the first components of the repositories' names; where none can be listed, the reason", async () => {
  const options = { address: good.origin(), vendor: "generic", plainHttp: true, username: "robot" } as const;
  expect(await readNamespaces({ ...options, password: CANARY })).toEqual({
    namespaces: ["", "team"],
    truncated: false,
  });
  expect(await readNamespaces({ ...options, password: "wrong" })).toMatchObject({
    namespaces: null,
    fact: { httpStatus: 401 },
  });
});

test("a check on demand is a point of the history, and tells what the registry can do", async () => {
  await database().delete(instanceChecks);
  const state = await browser.request(() => checkInstanceAction(IDLE, formOf({ instanceId })));
  expect(state).toMatchObject({
    status: "ok",
    result: { ok: true, capabilities: { list: true, delete: null } },
  });
  expect(await database().select().from(instanceChecks)).toMatchObject([{ instanceId, status: "healthy" }]);
  const [row] = await database().select().from(instances).where(eq(instances.id, instanceId));
  expect(row?.capabilities).toMatchObject({ list: true, delete: null, chunk: null });
});

describe("replacing the credential", () => {
  const rowOf = async () =>
    (
      await database().select().from(instances).where(eq(instances.id, instanceId))
    )[0] as typeof instances.$inferSelect;
  const rotate = async (change: object) =>
    browser.request(async () =>
      rotateCredentialAction(
        IDLE,
        formOf({
          instanceId,
          version: (await rowOf()).version,
          username: "robot",
          password: CANARY,
          ...change,
        }),
      ),
    );

  test("what the registry refuses is not kept", async () => {
    const before = await rowOf();
    expect(await rotate({ password: "wrong" })).toMatchObject({
      status: "ok",
      result: { ok: false, code: "UNAUTHORIZED", httpStatus: 401 },
    });
    expect(await rowOf()).toEqual(before);
  });

  test("what it takes is kept with its age; nothing else changes, and the instance is checked anew", async () => {
    const before = await rowOf();
    expect(await rotate({})).toMatchObject({ status: "ok", result: { ok: true } });
    const after = await rowOf();
    const { passwordSealed, credentialSetAt, version, updatedAt, ...rest } = after;
    expect(open(passwordSealed ?? "", instancePasswordPlace(instanceId))).toBe(CANARY);
    expect(passwordSealed).not.toBe(before.passwordSealed);
    expect(Date.now() - Number(credentialSetAt)).toBeLessThan(60_000);
    expect(version).toBe(before.version + 1);
    const unchecked = {
      healthStatus: "unknown",
      healthCheckedAt: null,
      healthLatencyMs: null,
      healthCode: null,
      healthDetail: null,
      healthDueAt: null,
      capabilities: null,
    };
    const { passwordSealed: _1, credentialSetAt: _2, version: _3, updatedAt: _4, ...earlier } = before;
    expect(rest).toEqual({ ...earlier, ...unchecked });
    expect(JSON.stringify(await database().select().from(audit))).not.toContain(CANARY);
  });

  test("one that was changed meanwhile is refused; both fields are asked for", async () => {
    expect(await rotate({ version: 1_000 })).toMatchObject({ status: "error", reason: "instance-changed" });
    expect(await rotate({ username: " ", password: "" })).toMatchObject({
      status: "error",
      fields: { username: { key: "required" }, password: { key: "required" } },
    });
  });
});
