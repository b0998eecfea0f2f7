import { expect, onTestFinished, test } from "vitest";
import { allowAll } from "../registry/egress.ts";
import { createRegistry } from "../registry/remote-registry.ts";
import type { UploadState } from "../registry/repository.ts";
import { image, type Layer, layer } from "../testing/content.ts";
import { type DockerRegistryOptions, startDockerRegistry } from "../testing/docker-registry.ts";
import type { Fault, FaultLogEntry, FaultRule } from "../testing/fault-proxy/fault.ts";
import { startFaultProxy } from "../testing/fault-proxy/fault-proxy.ts";
import { pushContent } from "../testing/push-content.ts";
import { copyBlob } from "./copy-blob.ts";
import type { Placements, UploadMemory } from "./placements.ts";
import { addProgress, noProgress } from "./progress.ts";
import { targetMemory } from "./target-memory.ts";
import { UNTHROTTLED } from "./throttle.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const CHUNK = MIB;
const NAME = "team/app";

async function site(options: DockerRegistryOptions = {}) {
  const registry = await startDockerRegistry({ accessLog: false, ...options });
  onTestFinished(registry.stop);
  const proxy = await startFaultProxy(registry.origin);
  onTestFinished(proxy.stop);
  const client = createRegistry({
    ...{ address: proxy.origin, vendor: "distribution", plainHttp: true, egress: allowAll },
    chunks: { thresholdBytes: CHUNK, chunkBytes: CHUNK, runsFromBytesPerS: Number.POSITIVE_INFINITY },
    patience: { backoffMs: 20, backoffMostMs: 2_000, idleBodyMs: 2_000 },
  });
  onTestFinished(() => client.close());
  return { registry, proxy, client };
}

/** Two real registries, the large blob at the source, and a copy of it that remembers its upload as lib/jobs does. */
async function scene(
  rules: { source?: FaultRule[]; target?: FaultRule[] } = {},
  target?: DockerRegistryOptions,
  wanted = true,
) {
  const ends = { source: await site(), target: await site(target) };
  const large = layer("resumed", 5 * MIB + 300 * KIB);
  await pushContent(ends.source.registry.origin, NAME, "1", image({ layers: [large] }));
  ends.source.proxy.add(...(rules.source ?? []));
  ends.target.proxy.add(...(rules.target ?? []));
  const kept: (UploadState | null)[] = [];
  const bytes = noProgress();
  /** One attempt of a job. */
  const copy = async (signal = new AbortController().signal) => {
    const upload: UploadMemory = {
      begun: kept.at(-1) ?? undefined,
      keep: (state) => kept.push(state),
      wantedAfter: () => wanted,
    };
    const nothing = async () => undefined;
    const placements: Placements = {
      claim: async () => ({
        kind: "bring",
        mountFrom: undefined,
        upload,
        placed: nothing,
        abandoned: nothing,
      }),
    };
    await copyBlob(
      { mediaType: large.mediaType, digest: large.digest, size: large.bytes.length },
      {
        ...{ placements, memory: targetMemory(placements), throttle: UNTHROTTLED, signal, begin: signal },
        source: ends.source.client.repository(NAME),
        target: ends.target.client.repository(NAME),
        fail: () => undefined,
        report: (progress) => addProgress(bytes, progress),
      },
    );
  };
  return { ...ends, large, kept, bytes, copy };
}

/** The target dies before its fourth chunk, and is there again at once. */
function killAtFourthChunk({ target: { registry, proxy } }: Awaited<ReturnType<typeof scene>>): void {
  proxy.add({
    ...{ method: "PATCH", nth: 4 },
    before: async () => {
      await registry.kill();
      await registry.restart();
    },
  });
}

const chunksIn = (log: readonly FaultLogEntry[]) => log.filter(({ method }) => method === "PATCH");
/** What crossed to the target more than once. */
function sentAgain({ target, large }: Awaited<ReturnType<typeof scene>>): number {
  const sent = target.proxy.log
    .filter(({ path }) => path.includes("/blobs/uploads/"))
    .reduce((sum, { requestBytes }) => sum + requestBytes, 0);
  return sent - large.bytes.length;
}

async function stands({ target, large }: { target: { registry: { origin: string } }; large: Layer }) {
  const answer = await fetch(`${target.registry.origin}/v2/${NAME}/blobs/${large.digest}`);
  return Buffer.from(await answer.arrayBuffer()).equals(large.bytes);
}

test.each([
  ["broken before the registry hears of it", { kind: "break-request", afterBytes: 500 * KIB }],
  ["answered with 503", { kind: "answer", status: 503 }],
] as [string, Fault][])("a chunk %s costs that chunk", async (_what, fault) => {
  const world = await scene({ target: [{ method: "PATCH", nth: 3, fault }] });
  await world.copy();
  expect(await stands(world)).toBe(true);
  expect(chunksIn(world.target.proxy.log)).toHaveLength(7);
  expect(sentAgain(world)).toBeGreaterThan(0);
  expect(sentAgain(world)).toBeLessThanOrEqual(CHUNK);
  expect(world.bytes).toMatchObject({ copied: world.large.bytes.length });
  expect(world.source.proxy.matching("GET", /blobs/)).toHaveLength(1);
});

test("a registry that is killed between two chunks and has a secret goes on with the upload (R3)", async () => {
  const world = await scene({}, { secret: true });
  killAtFourthChunk(world);
  await world.copy();
  expect(await stands(world)).toBe(true);
  expect(sentAgain(world)).toBeLessThanOrEqual(CHUNK);
});

test("one that forgets the upload gets the blob from its beginning, once", async () => {
  const world = await scene({}, { secret: false });
  killAtFourthChunk(world);
  await world.copy();
  expect(await stands(world)).toBe(true);
  expect(sentAgain(world)).toBeLessThanOrEqual(4 * CHUNK);
  expect(world.kept).toContain(null);
  expect(world.bytes).toMatchObject({ copied: world.large.bytes.length });
});

/** The source breaks off after more than three chunks, and has the blob no more. */
const BREAKS: FaultRule[] = [
  { method: "GET", path: /blobs/, nth: 1, fault: { kind: "fin", afterBytes: 3.5 * MIB } },
  { method: "GET", path: /blobs/, nth: [2, 5], fault: { kind: "answer", status: 404 } },
];

test("when nobody will go on with it, the upload is given back", async () => {
  const world = await scene({ source: BREAKS }, undefined, false);
  await expect(world.copy()).rejects.toMatchObject({ side: "source" });
  expect(chunksIn(world.target.proxy.log).length).toBeGreaterThan(0);
  expect(world.kept.at(-1)).toBe(null);
  expect(world.target.proxy.matching("DELETE", /uploads/)).toMatchObject([{ status: 204 }]);
});

test("when the source fails for good, the next attempt goes on where the last whole chunk ended", async () => {
  const world = await scene({ source: BREAKS });
  await expect(world.copy()).rejects.toMatchObject({ side: "source" });
  const received = world.kept.at(-1)?.received ?? 0;
  expect(received).toBeGreaterThanOrEqual(CHUNK);
  expect(world.bytes).toMatchObject({ copied: 0 });
  world.source.proxy.calm();
  await world.copy();
  expect(await stands(world)).toBe(true);
  expect(sentAgain(world)).toBe(0);
  expect(world.source.proxy.log.at(-1)?.range).toBe(`bytes=${received}-`);
  expect(world.bytes).toMatchObject({ copied: world.large.bytes.length });
});

test("a copy that is broken off leaves its upload to the next one", async () => {
  const world = await scene();
  const stop = new AbortController();
  world.target.proxy.add({
    ...{ method: "PATCH", nth: 4, before: () => stop.abort(new Error("the worker is told to end")) },
    fault: { kind: "silence", afterBytes: 0 },
  });
  await expect(world.copy(stop.signal)).rejects.toThrow("told to end");
  expect(world.target.proxy.matching("DELETE", /uploads/)).toHaveLength(0);
  await world.copy();
  expect(await stands(world)).toBe(true);
  expect(sentAgain(world)).toBeLessThanOrEqual(CHUNK);
});

test("wrong bytes from the source leave nothing to go on with", async () => {
  const flipped: FaultRule = { method: "GET", path: /blobs/, fault: { kind: "flip", atByte: 4 * MIB } };
  const world = await scene({ source: [flipped] });
  await expect(world.copy()).rejects.toMatchObject({ side: "source", cause: { code: "DIGEST_MISMATCH" } });
  expect(world.kept.at(-1)).toBe(null);
  expect(world.target.proxy.matching("PUT", /uploads/)).toHaveLength(0);
  expect(await stands(world)).toBe(false);
});
