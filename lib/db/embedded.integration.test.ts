import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { recallFolder } from "./embedded/cluster.ts";
import { readPostmaster, serves } from "./embedded/postmaster.ts";
import { removeEmbeddedPostgres, startEmbeddedPostgres } from "./embedded.ts";

const SECRET_FILE_MODE = 0o600;

let home = "";
let dataDir = "";

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "lockstep-embedded-")));
  chmodSync(home, 0o755);
  dataDir = join(home, "data");
});

afterEach(async () => {
  await removeEmbeddedPostgres(dataDir);
  rmSync(home, { recursive: true, force: true });
});

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const postmaster = () => readPostmaster(recallFolder(dataDir) ?? "")?.pid ?? 0;

describe("the embedded Postgres", () => {
  test("starts, stops, leaves nothing running, and finds its data again on its port", async () => {
    const first = await startEmbeddedPostgres({ dataDir });
    expect(first.adopted).toBe(false);
    await query(first.url, "create table kept as select 42 as answer");
    await first.stop();
    expect(serves(first.pid, recallFolder(dataDir) ?? "")).toBe(false);

    const second = await startEmbeddedPostgres({ dataDir });
    expect(second.url).toBe(first.url);
    expect(await query(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
  });

  test("asks for its random password, listens on 127.0.0.1 only, sorts by code point", async () => {
    const { url } = await startEmbeddedPostgres({ dataDir });
    const wrong = new URL(url);
    wrong.password = "wrong";
    await expect(query(wrong.href, "select 1")).rejects.toThrow(/password authentication failed/);
    wrong.password = "";
    await expect(query(wrong.href, "select 1")).rejects.toThrow(/password/);
    expect(statSync(join(dataDir, "postgres.password")).mode & 0o777).toBe(SECRET_FILE_MODE);
    expect(readFileSync(join(dataDir, "postgres.password"), "utf8").trim().length).toBeGreaterThanOrEqual(32);
    expect(await query(url, "show listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
    expect(
      await query(url, "select array_agg(c order by c) as c from unnest(array['b','B','a','é']) c"),
    ).toEqual([{ c: ["B", "a", "b", "é"] }]);
  });

  test("is adopted when whoever started it is gone", async () => {
    const first = await startEmbeddedPostgres({ dataDir });
    const second = await startEmbeddedPostgres({ dataDir });
    expect(second).toMatchObject({ adopted: true, pid: first.pid, url: first.url });
    await second.stop();
    expect(serves(first.pid, recallFolder(dataDir) ?? "")).toBe(false);
  });

  test("comes back after kill -9, with everything that was committed", async () => {
    const first = await startEmbeddedPostgres({ dataDir });
    await query(first.url, "create table kept as select generate_series(1, 1000) as n");
    process.kill(first.pid, "SIGKILL");
    const second = await startEmbeddedPostgres({ dataDir });
    expect(second.pid).not.toBe(first.pid);
    expect(await query(second.url, "select count(*)::int as n from kept")).toEqual([{ n: 1000 }]);
  });

  test("is not fooled by a process id that another program has by now", async () => {
    const first = await startEmbeddedPostgres({ dataDir });
    await first.stop();
    const cluster = recallFolder(dataDir) ?? "";
    writeFileSync(join(cluster, "postmaster.pid"), `${process.pid}\n${cluster}\n1\n5432\n\n127.0.0.1\n\n\n`);
    const second = await startEmbeddedPostgres({ dataDir });
    expect(second.adopted).toBe(false);
    expect(postmaster()).toBe(second.pid);
  });

  test("takes another port when its own was taken meanwhile", async () => {
    const { createServer } = await import("node:net");
    const first = await startEmbeddedPostgres({ dataDir });
    await first.stop();
    const port = Number(new URL(first.url).port);
    const squatter = createServer();
    await new Promise<void>((listening) => squatter.listen(port, "127.0.0.1", listening));
    try {
      const second = await startEmbeddedPostgres({ dataDir });
      expect(new URL(second.url).port).not.toBe(String(port));
    } finally {
      squatter.close();
    }
  });

  test("runs for root from below a folder that only root may enter", async () => {
    const closed = join(home, "closed");
    mkdirSync(closed, { mode: 0o700 });
    dataDir = join(closed, "data");
    const first = await startEmbeddedPostgres({ dataDir });
    await query(first.url, "create table kept as select 1 as n");
    await first.stop();
    const second = await startEmbeddedPostgres({ dataDir });
    expect(await query(second.url, "select n from kept")).toEqual([{ n: 1 }]);
    if (process.getuid?.() === 0) {
      expect(statSync(recallFolder(dataDir) ?? "").uid).not.toBe(0);
    }
  });

  test("a setting that Postgres refuses is told with Postgres' own words", async () => {
    await expect(startEmbeddedPostgres({ dataDir, settings: { no_such_setting: "1" } })).rejects.toThrow(
      /no_such_setting/,
    );
  });
});
