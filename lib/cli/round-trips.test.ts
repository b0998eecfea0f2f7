import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Descriptor } from "../registry/descriptor.ts";
import { OCI_MANIFEST } from "../registry/media-types.ts";
import { MemoryRegistry, MemoryRepository } from "../registry/memory-repository.ts";
import type { Content, Manifest, OpenedUpload, PushOptions, UploadOptions } from "../registry/repository.ts";
import { seededBytes } from "../testing/content.ts";
import { parseArguments } from "./arguments.ts";
import { copyAll } from "./copy-all.ts";
import { newReport } from "./report.ts";

// Only answers take time here, by a clock of its own: as many round trips pass as questions waited for the answer to another.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const RTT_MS = 100;
const roundTrip = () => new Promise<void>((resolve) => setTimeout(resolve, RTT_MS));

/** A registry whose every answer takes a round trip. */
class FarRegistry extends MemoryRegistry {
  readonly quickestMs = 2 * RTT_MS;
  readonly #far = new Map<string, FarRepository>();

  override repository(name: string): FarRepository {
    const known = this.#far.get(name) ?? new FarRepository(name, this);
    this.#far.set(name, known);
    return known;
  }

  override async *repositories(): AsyncGenerator<string[]> {
    await roundTrip();
    yield [...this.#far.keys()].sort();
  }
}

class FarRepository extends MemoryRepository {
  override async resolve(reference: string): Promise<Descriptor | null> {
    await roundTrip();
    return super.resolve(reference);
  }

  override async fetchManifest(reference: string): Promise<Manifest> {
    await roundTrip();
    return super.fetchManifest(reference);
  }

  override async fetchBlob(blob: Descriptor): Promise<Content> {
    await roundTrip();
    return super.fetchBlob(blob);
  }

  override async hasBlob(blob: Descriptor): Promise<boolean> {
    await roundTrip();
    return super.hasBlob(blob);
  }

  override async pushManifest(manifest: Manifest, options?: PushOptions) {
    await roundTrip();
    return super.pushManifest(manifest, options);
  }

  override async openUpload(blob: Descriptor, options?: UploadOptions): Promise<OpenedUpload> {
    await roundTrip();
    const opened = await super.openUpload(blob, options);
    if (opened.kind === "mounted") {
      return opened;
    }
    const { upload } = opened;
    const send = async (content: Content): Promise<void> => {
      await upload.send(content);
      await roundTrip();
    };
    return { kind: "upload", upload: { received: 0, send, cancel: () => upload.cancel() } };
  }

  override async *tags(): AsyncGenerator<string[]> {
    await roundTrip();
    yield* super.tags();
  }
}

/** Three repositories of five tags on one base: W5. */
function filled(): FarRegistry {
  const registry = new FarRegistry();
  for (const name of ["web", "api", "jobs"]) {
    const repository = registry.repository(`team/${name}`);
    const put = (seed: string) => repository.putBlob(seededBytes(seed, 100_000));
    for (const tag of ["v1", "v2", "v3", "v4", "v5"]) {
      const layers = ["base/1", "base/2", `${name}/${tag}/1`, `${name}/${tag}/2`].map(put);
      const config = repository.putBlob(new TextEncoder().encode(`{"${name}":"${tag}"}`));
      repository.putManifest({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers }, tag);
    }
  }
  return registry;
}

/** @returns what came of it, and how many round trips it took */
async function copied(source: FarRegistry, target: FarRegistry) {
  const address = (name: string) => [`--${name}`, `http://${name}.test`, `--${name}-plain-http`];
  const told = [...address("source"), ...address("target"), "--source-namespace", "team"];
  const options = await parseArguments(told, {});
  if (options === "help") {
    throw new Error("no options");
  }
  const report = newReport({ verify: false });
  const before = { ms: performance.now(), asked: target.requests };
  let over = false;
  const run = copyAll({
    ...{ options, report, signal: new AbortController().signal },
    ...{ source: { registry: source, charts: null }, target: { registry: target, charts: null } },
    line: { print: (line) => expect.fail(line), stop: () => undefined },
  }).finally(() => {
    over = true;
  });
  while (!over) {
    await vi.advanceTimersByTimeAsync(RTT_MS / 10);
  }
  await run;
  const trips = Math.floor((performance.now() - before.ms) / RTT_MS);
  return { report, trips, asked: target.requests - before.asked };
}

test("far away, questions that need not wait for each other do not", async () => {
  const source = filled();
  const target = new FarRegistry();
  const full = await copied(source, target);
  expect(full.report).toMatchObject({ copied: 15, failed: 0 });
  // Repositories, tags, manifests, uploads and reads, bytes, mounts, tags.
  expect(full.trips).toBe(7);
  const again = await copied(source, target);
  expect(again.report).toMatchObject({ upToDate: 15, failed: 0 });
  // Repositories, tags, what they name at both ends.
  expect(again.trips).toBe(3);
  expect(again.asked).toBe(15 + 3);
});
