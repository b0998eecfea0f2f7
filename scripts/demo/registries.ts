// A process of the demo: its three registries. `node scripts/demo/registries.ts <data folder>` prints `ready` when they
// answer, and ends on SIGTERM.
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type RegistryOptions,
  type RunningRegistry,
  startRegistry,
} from "../../lib/testing/registry/server.ts";
import { readNotification } from "./notifications.ts";
import {
  PLACES,
  type PlaceAddress,
  type PlaceAddresses,
  type PlaceKey,
  readAddresses,
  writeAddresses,
} from "./places.ts";

/** On one machine everything is near: some distance makes the progress visible. */
const LATENCY_MS = 20;
/** Where these are taken, others are used and remembered. */
const FIRST_PORT = 5601;
/** Those of a demo that was just killed need a moment to let go of their ports. */
const WAIT_FOR_PORT_MS = 3_000;

const running: RunningRegistry[] = [];
process.on("SIGTERM", async () => {
  await Promise.all(running.map((registry) => registry.stop()));
  process.exit(0);
});

await startAll(process.argv[2] ?? "");
console.log("ready");

async function startAll(dataDir: string): Promise<void> {
  const known = readAddresses(dataDir);
  const addresses: Partial<PlaceAddresses> = {};
  for (const [index, { key }] of PLACES.entries()) {
    const folder = join(dataDir, "registries", key);
    mkdirSync(folder, { recursive: true });
    const account = accountOf(key, known[key]);
    const waitMs = known[key] === undefined ? 0 : WAIT_FOR_PORT_MS;
    const registry = await startWhereFree(waitMs, {
      dataDir: folder,
      port: known[key]?.port ?? FIRST_PORT + index,
      latencyMs: LATENCY_MS,
      notify: () => readNotification(dataDir, key),
      ...(account === null ? {} : { auth: { kind: "token" as const, ...account } }),
    });
    running.push(registry);
    const { origin, port } = registry;
    const { username, password } = account ?? { username: null, password: null };
    addresses[key] = { origin, port, username, password };
  }
  writeAddresses(dataDir, addresses as PlaceAddresses);
}

/** At the wanted port, else, when it stays taken, at any. */
async function startWhereFree(waitMs: number, options: RegistryOptions): Promise<RunningRegistry> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    try {
      return await startRegistry(options);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) {
        throw error;
      }
    }
    if (Date.now() >= deadline) {
      return startRegistry({ ...options, port: 0 });
    }
    await sleep(100);
  }
}

/** The last one wants to know who pushes, so that the demo has a credential to keep. */
function accountOf(
  key: PlaceKey,
  known: PlaceAddress | undefined,
): { username: string; password: string } | null {
  if (key !== "frankfurt") {
    return null;
  }
  return { username: "lockstep", password: known?.password ?? randomBytes(12).toString("base64url") };
}
