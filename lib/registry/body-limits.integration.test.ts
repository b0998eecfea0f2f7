import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { room } from "../testing/fault-proxy/carry.ts";
import { type ScriptedRegistry, scriptedRegistry } from "../testing/scripted-registry.ts";
import { runTool } from "../testing/tool.ts";

// trust.md E5: an answer of 50 MiB where something small is expected costs its limit and no more. Measured in a process of its
// own by the kernel's high-water mark, which no garbage collection hides.

const MIB = 1024 * 1024;
const REPLY_MIB = 50;
const MOST_GROWTH_MIB = 32;
/** A process grows by its own code and its collector's mood as well: what a reply costs it costs in each of them. */
const RUNS = 3;
const NODE = join(import.meta.dirname, "../../node_modules/.bin/node");

let server: ScriptedRegistry;
beforeAll(async () => {
  const chunk = Buffer.alloc(MIB, "x");
  server = await scriptedRegistry(async ({ url }, response) => {
    if (url.includes("small")) {
      response.writeHead(404).end("{}");
      return;
    }
    if (url.includes("token/") && !url.startsWith("/token")) {
      response.writeHead(401, { "www-authenticate": `Bearer realm="${server.origin}/token"` }).end();
      return;
    }
    response.writeHead(url.includes("refused") ? 400 : 200, { "content-type": "application/json" });
    for (let sent = 0; sent < REPLY_MIB && !response.destroyed; sent += 1) {
      if (!response.write(chunk)) {
        await room(response);
      }
    }
    response.end();
  });
});
afterAll(() => server?.stop());

/** Runs in the other process: asks, and prints how it ended and by how many MiB the process grew at most. */
const SCRIPT = `
  import { readFileSync, writeFileSync } from "node:fs";
  const { createRegistry } = await import("./remote-registry.ts");
  const { allowAll } = await import("./egress.ts");
  const registry = createRegistry({
    address: process.argv[1], vendor: "generic", plainHttp: true, egress: allowAll, retries: 0,
  });
  const all = async (pages) => { for await (const page of pages) void page; };
  const digest = "sha256:" + "a".repeat(64);
  const asks = {
    manifest: (name) => registry.repository(name).fetchManifest("v1"),
    tags: (name) => all(registry.repository(name).tags()),
    token: (name) => registry.repository("token/" + name).resolve("v1"),
    refusal: (name) => registry.repository("refused/" + name).fetchManifest(digest),
  };
  const kibibytes = (field) => Number(new RegExp(field + ":\\\\s+(\\\\d+)").exec(readFileSync("/proc/self/status", "utf8"))[1]);
  const ask = asks[process.argv[2]];
  await ask("small").catch(() => undefined);
  writeFileSync("/proc/self/clear_refs", "5");
  const before = kibibytes("VmRSS");
  const end = await ask("large").then(() => "answered", (error) => error.code);
  console.log(JSON.stringify({ end, grownMiB: Math.round((kibibytes("VmHWM") - before) / 1024) }));
  await registry.close();
`;

test.each([
  ["a manifest", "manifest", "MANIFEST_TOO_LARGE"],
  ["a page of tags", "tags", "UNKNOWN"],
  ["a token", "token", "UNAUTHORIZED"],
  ["a refusal", "refusal", "UNKNOWN"],
])("%s of 50 MiB is given up, and the process has hardly grown", async (_what, ask, code) => {
  const parameters = ["--input-type=module", "--eval", SCRIPT, server.origin, ask];
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS && least >= MOST_GROWTH_MIB; run += 1) {
    const { end, grownMiB } = JSON.parse(await runTool(NODE, parameters, { cwd: import.meta.dirname }));
    expect(end).toBe(code);
    least = Math.min(least, grownMiB);
  }
  expect(least).toBeLessThan(MOST_GROWTH_MIB);
  process.stdout.write(`    ${ask}: ${least} MiB\n`);
});
