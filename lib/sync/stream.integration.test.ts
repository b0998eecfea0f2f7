import { afterAll, beforeAll, expect, test } from "vitest";
import { startDiscardingRegistry } from "../testing/discarding-registry.ts";
import { type GeneratedRegistry, startGeneratedRegistry } from "../testing/generated-registry.ts";
import { runSync } from "../testing/sync-command.ts";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const LAYER_BYTES = 5 * GIB;

let source: GeneratedRegistry;
let target: Awaited<ReturnType<typeof startDiscardingRegistry>>;
beforeAll(async () => {
  source = await startGeneratedRegistry(LAYER_BYTES);
  target = await startDiscardingRegistry();
});
afterAll(async () => {
  await source.stop();
  await target.stop();
});

test("5 GiB stream through the command in at most 160 MiB of memory", async () => {
  const run = await runSync(
    [
      ...["--source", source.origin, "--source-namespace", "generated", "--source-plain-http"],
      ...["--target", target.origin, "--target-plain-http"],
    ],
    { timeoutMs: 230_000 },
  );
  expect(run.stderr).toBe("");
  expect(run.exitCode).toBe(0);
  expect(run.summary).toMatchObject({ repositories: 1, copied: 1, failed: 0 });
  expect(run.summary?.bytesCopied).toBeGreaterThanOrEqual(LAYER_BYTES);
  expect(target.tagged(source.repository, source.tag)).toBe(source.digest);
  expect(target.blobs()).toContain(source.layerDigest);
  // Every byte crossed once: nothing was fetched or sent again.
  expect(source.sentBytes()).toBe(LAYER_BYTES);
  expect(target.receivedBytes()).toBeLessThan(LAYER_BYTES + MIB);
  expect(run.peakBytes).toBeGreaterThan(20 * MIB);
  expect(run.peakBytes).toBeLessThanOrEqual(160 * MIB);
}, 240_000);
