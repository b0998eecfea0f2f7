import { expect, onTestFinished, test } from "vitest";
import { allowAll } from "../registry/egress.ts";
import { createRegistry } from "../registry/remote-registry.ts";
import type { ChunkSizes } from "../registry/upload-habits.ts";
import { clientOf, skopeoPull } from "../testing/clients.ts";
import { image, layer } from "../testing/content.ts";
import { type DockerRegistry, startDockerRegistry } from "../testing/docker-registry.ts";
import type { Fault, FaultLogEntry } from "../testing/fault-proxy/fault.ts";
import { type FaultProxy, startFaultProxy } from "../testing/fault-proxy/fault-proxy.ts";
import { pushContent } from "../testing/push-content.ts";
import { copyTag } from "./copy-tag.ts";
import { memoryPlacements } from "./placements.ts";

// A proxy before the registry that lets no request with more than so many bytes pass (T25), as nginx does by default.

const KIB = 1024;
const MIB = 1024 * KIB;
const NAME = "team/app";
const GATHERED = { runsFromBytesPerS: Number.POSITIVE_INFINITY };

interface Ground {
  source: DockerRegistry;
  target: DockerRegistry;
  proxy: FaultProxy;
  /** Pushes an image with such a layer to the source and copies it. */
  copy(tag: string, layerBytes: number): Promise<void>;
}

async function ground(mostBytes: number, chunks: Partial<ChunkSizes> = GATHERED): Promise<Ground> {
  const [source, target] = await Promise.all([startDockerRegistry(), startDockerRegistry()]);
  onTestFinished(source.stop);
  onTestFinished(target.stop);
  const proxy = await startFaultProxy(target.origin);
  onTestFinished(proxy.stop);
  const tooLarge: Fault = {
    ...{ kind: "answer", status: 413, early: true },
    body: "<html><title>413 Request Entity Too Large</title></html>",
  };
  proxy.add({ fault: ({ statedBytes = 0 }) => (statedBytes > mostBytes ? tooLarge : undefined) });
  const clients = [source.origin, proxy.origin].map((address) =>
    createRegistry({
      ...{ address, vendor: "distribution", plainHttp: true, egress: allowAll, chunks },
      patience: { backoffMs: 5, backoffMostMs: 50 },
    }),
  );
  onTestFinished(async () => void (await Promise.all(clients.map((client) => client.close()))));
  const copy = async (tag: string, layerBytes: number) => {
    const artifact = image({ layers: [layer(`limited-${tag}`, layerBytes)] });
    await pushContent(source.origin, NAME, tag, artifact);
    const [from, to] = clients.map((client) => client.repository(NAME));
    if (from && to) {
      await copyTag(
        { source: from, target: to, tag, digest: artifact.manifest.digest, override: true },
        {
          ...{ placements: memoryPlacements(), onProgress: () => undefined },
          signal: new AbortController().signal,
        },
      );
    }
  };
  return { source, target, proxy, copy };
}

const refused = ({ status }: FaultLogEntry) => status === 413;
const pulled = ({ target }: Ground, tag: string) =>
  skopeoPull(clientOf(target, { plainHttp: true }), NAME, tag);

test("a blob that is too large as one PUT goes in chunks, and the next one at once", async () => {
  const world = await ground(2 * MIB);
  await world.copy("first", 6 * MIB);
  expect(await pulled(world, "first")).toHaveLength(2);
  const [asOne, ...chunks] = world.proxy.log.filter(refused);
  expect(asOne?.method).toBe("PUT");
  expect(chunks.map(({ method }) => method)).not.toContain("PUT");

  await world.copy("second", 5 * MIB);
  expect(await pulled(world, "second")).toHaveLength(2);
  expect(world.proxy.log.filter(refused).filter(({ method }) => method === "PUT")).toHaveLength(1);
  // What fits goes as one, as ever.
  const before = world.proxy.matching("PATCH", /uploads/).length;
  await world.copy("small", MIB);
  expect(await pulled(world, "small")).toHaveLength(2);
  expect(world.proxy.matching("PATCH", /uploads/)).toHaveLength(before);
});

test("a chunk that is too large goes in smaller ones, without the source being read again", async () => {
  const world = await ground(MIB, { ...GATHERED, thresholdBytes: MIB, chunkBytes: 8 * MIB });
  await world.copy("chunks", 9 * MIB);
  expect(await pulled(world, "chunks")).toHaveLength(2);
  const sizes = world.proxy.log.filter(refused).map(({ statedBytes = 0 }) => statedBytes);
  expect(sizes.length).toBeGreaterThan(0);
  expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => b - a));
  const log = await world.source.accessLog();
  expect(log.count("GET", /blobs/)).toBe(2);
});

test("a chunk that was not gathered is read anew, from the last whole one, and there are no more of its kind", async () => {
  const world = await ground(1.25 * MIB, { thresholdBytes: MIB, chunkBytes: MIB, runsFromBytesPerS: 1 });
  await world.copy("runs", 12 * MIB);
  expect(await pulled(world, "runs")).toHaveLength(2);
  expect(world.proxy.log.filter(refused)).toHaveLength(1);
  expect(world.proxy.matching("DELETE", /uploads/)).toHaveLength(0);
});

test("what is too large however small it is fails as that", async () => {
  const world = await ground(10 * KIB);
  await expect(world.copy("none", MIB)).rejects.toMatchObject({ side: "target", cause: { status: 413 } });
});
