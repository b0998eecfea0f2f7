import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { removeEmbeddedPostgres } from "../../lib/db/embedded.ts";
import {
  type ClientRegistry,
  skopeoCopy,
  skopeoDigest,
  skopeoListTags,
  skopeoPull,
} from "../../lib/testing/clients.ts";
import { demoContent } from "../../lib/testing/demo-content.ts";
import { processesWith } from "../../lib/testing/processes.ts";
import { ROOT } from "../root.ts";
import { type PlaceAddresses, readAddresses } from "./places.ts";

// The command as a person types it, three times on one data folder: a first start, killed; a start after that, stopped by
// Ctrl-C; and one that ends by itself. A build of the console may be needed first.

const WITHIN_MS = 240_000;
let dataDir: string;
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), "lockstep-demo-"));
});
afterAll(async () => {
  for (const pid of processesWith(dataDir)) {
    process.kill(pid, "SIGKILL");
  }
  // For root the cluster lies outside this folder, which nobody else may enter.
  await removeEmbeddedPostgres(dataDir);
  rmSync(dataDir, { recursive: true, force: true });
});

interface Demo {
  child: ChildProcess;
  output(): string;
  ended: Promise<number | null>;
}

function startDemo(...parameters: string[]): Demo {
  const child = spawn(process.execPath, [join(ROOT, "scripts/demo.mjs"), ...parameters], {
    cwd: ROOT,
    env: { ...process.env, LOCKSTEP_DEMO_DATA: dataDir, PORT: "0", NODE_ENV: "production" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const ended = once(child, "exit").then(([code]) => code as number | null);
  return { child, output: () => output, ended };
}

/** Waits for `console: http://…`, and asks the console how it is. */
async function running(demo: Demo): Promise<void> {
  const deadline = Date.now() + WITHIN_MS;
  while (!/^console: http/m.test(demo.output())) {
    if (demo.child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`the demo did not come up:\n${demo.output()}`);
    }
    await sleep(100);
  }
  const [, address] = /^console: (http\S+)/m.exec(demo.output()) ?? [];
  expect((await fetch(`${address}/api/healthz`)).status).toBe(200);
}

function clientsOf({ singapore, frankfurt }: PlaceAddresses): Record<"commerce" | "charts", ClientRegistry> {
  const account = { username: frankfurt.username ?? "", password: frankfurt.password ?? "" };
  return {
    commerce: { host: new URL(singapore.origin).host, plainHttp: true },
    charts: { host: new URL(frankfurt.origin).host, plainHttp: true, account },
  };
}

/** Every tag that the rules name is at its target with the digest it was made with, and no other. */
async function expectSynced(): Promise<void> {
  const clients = clientsOf(readAddresses(dataDir) as PlaceAddresses);
  const namespaceOf = (repository: string) => repository.split("/")[0];
  for (const namespace of ["commerce", "charts"] as const) {
    const content = demoContent().filter(({ repository }) => namespaceOf(repository) === namespace);
    for (const { repository, tag, artifact } of content) {
      const digest = await skopeoDigest(clients[namespace], repository, tag);
      expect([repository, tag, digest]).toEqual([repository, tag, artifact.manifest.digest]);
    }
  }
  expect(await skopeoPull(clients.commerce, "commerce/gateway", "1.4.0")).toHaveLength(6);
  await expect(skopeoListTags(clients.commerce, "platform/login")).rejects.toThrow();
  expect(await skopeoListTags(clients.charts, "platform/login")).toEqual(["6.1.1"]);
}

/** Nobody touches the console: a client pushes into the first registry, and the second one has it. */
async function expectPushArrives(): Promise<void> {
  const { shanghai, singapore } = readAddresses(dataDir) as PlaceAddresses;
  const [from, to] = [shanghai, singapore].map(({ origin }) => ({
    host: new URL(origin).host,
    plainHttp: true,
  }));
  if (!from || !to) {
    throw new Error("the demo has no registries");
  }
  const place = { registry: from, repository: "commerce/cart" };
  await skopeoCopy({ ...place, tag: "1.8.1" }, { ...place, tag: "2.0.0" });
  const atMs = Date.now();
  const wanted = await skopeoDigest(from, "commerce/cart", "2.0.0");
  await expect
    .poll(() => skopeoDigest(to, "commerce/cart", "2.0.0").catch(() => null), {
      timeout: 60_000,
      interval: 50,
    })
    .toBe(wanted);
  process.stdout.write(`    a push was at the second registry after ${Date.now() - atMs} ms\n`);
}

async function nothingLeft(): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (processesWith(dataDir).length > 0 && Date.now() < deadline) {
    await sleep(100);
  }
  expect(processesWith(dataDir)).toEqual([]);
}

test("shows a first sync, survives kill -9 of everything, and stops without leaving a process", async () => {
  const first = startDemo();
  await running(first);
  expect(first.output()).toMatch(/one-time password: \S{12,}/);
  expect(first.output()).toContain("14 tags copied, 0 up to date, 0 skipped, 0 failed");
  expect(first.output()).toContain("11 tags copied, 0 up to date, 0 skipped, 0 failed");
  await expectSynced();
  await expectPushArrives();
  const origins = readAddresses(dataDir);
  for (const pid of processesWith(dataDir)) {
    process.kill(pid, "SIGKILL");
  }
  await first.ended;

  await sleep(2000);
  const second = startDemo();
  await running(second);
  expect(second.output()).toContain("root exists already");
  expect(second.output()).not.toContain("one-time password");
  expect(second.output()).toContain("15 up to date");
  expect(readAddresses(dataDir)).toEqual(origins);
  second.child.kill("SIGINT");
  expect(await second.ended).toBe(0);
  await nothingLeft();

  const third = startDemo("--exit");
  expect([await third.ended, third.output()]).toEqual([0, expect.stringContaining("11 up to date")]);
  await nothingLeft();
}, 360_000);
