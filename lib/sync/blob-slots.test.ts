import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Descriptor } from "../registry/descriptor.ts";
import { MemoryRepository } from "../registry/memory-repository.ts";
import type { Content, OpenedUpload } from "../registry/repository.ts";
import { copyBlob } from "./copy-blob.ts";
import { memoryPlacements } from "./placements.ts";
import { BlobSlots } from "./target-memory.ts";
import { type Walk, walking } from "./walk.ts";

const NEVER = new AbortController().signal;

async function settled(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) {
    await turn();
  }
}

/** Somebody who asks for a slot, and keeps it until told otherwise. */
function keep(slots: BlobSlots, sizeBytes = 1): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const held = slots.hold({ owner: {}, sizeBytes, signal: NEVER }, () => promise);
  return () => {
    resolve();
    return held;
  };
}

/** Both ends note what is asked of them; an upload is opened no sooner than a read that was begun with it would be. */
function ends(log: string[]) {
  class Source extends MemoryRepository {
    override fetchBlob(blob: Descriptor, options = {}): Promise<Content> {
      log.push("read");
      return super.fetchBlob(blob, options);
    }
  }
  class Target extends MemoryRepository {
    override async openUpload(blob: Descriptor, options = {}): Promise<OpenedUpload> {
      await settled();
      log.push("upload opened");
      return super.openUpload(blob, options);
    }
  }
  return { source: new Source("from/app"), target: new Target("to/app") };
}

interface Situation {
  distant?: boolean;
  standing?: boolean;
  /** Of one slot in all, when this blob has it. */
  waiting?: number;
}

/** What is asked for one blob, in which order. */
async function askedFor({ distant = true, standing = false, waiting = 0 }: Situation): Promise<string[]> {
  const log: string[] = [];
  const { source, target } = ends(log);
  const blob = source.putBlob(Buffer.from("blob"));
  if (standing) {
    target.tagged.set("v1", blob.digest);
  }
  const request = { source, target, tag: "v1", digest: blob.digest, override: false };
  const placements = memoryPlacements({ blobsAtOnce: 1 });
  await walking(request, { placements, signal: NEVER, onProgress: () => undefined }, async (walk) => {
    const { memory } = walk;
    memory.distant = distant;
    memory.mounts = "honoured";
    // Lists the target, which tells whether it is empty.
    await memory.firstLooks.at(target).resolve("v2", { signal: NEVER });
    await copyAmong(blob, waiting, walk);
  });
  return log;
}

/** Copies a blob that is the first of those that wait for a slot. */
async function copyAmong(blob: Descriptor, waiting: number, walk: Walk): Promise<void> {
  const { blobSlots } = walk.memory;
  const first = keep(blobSlots);
  const copying = copyBlob(blob, walk);
  await settled();
  const others = Array.from({ length: waiting }, () => keep(blobSlots));
  await first();
  await copying;
  await Promise.all(others.map((leave) => leave()));
}

const SIDE_BY_SIDE = ["read", "upload opened"];
const ONE_AFTER_THE_OTHER = ["upload opened", "read"];

test.each<[string, Situation, string[]]>([
  ["far and empty, nobody waits for a slot", {}, SIDE_BY_SIDE],
  ["far and empty, others wait for a slot", { waiting: 3 }, ONE_AFTER_THE_OTHER],
  ["near and empty", { distant: false }, ONE_AFTER_THE_OTHER],
  ["far, with a tag", { standing: true }, ONE_AFTER_THE_OTHER],
])("a target that is %s: what is asked for a blob", async (_target, situation, asked) => {
  expect(await askedFor(situation)).toEqual(asked);
});

describe("which blobs are read early, of a target with six slots", () => {
  /** Of so many that get a slot one after the other. */
  function early(slots: BlobSlots, count: number): boolean[] {
    return Array.from({ length: count }, () => slots.readsEarly());
  }

  test("all while nobody waits", async () => {
    const slots = new BlobSlots(6);
    const leaves = Array.from({ length: 6 }, () => keep(slots));
    expect(early(slots, 20)).toEqual(Array(20).fill(true));
    await Promise.all(leaves.map((leave) => leave()));
  });

  test("as soon as one waits, by turns, so that a third of the slots is at each of three round trips", async () => {
    const slots = new BlobSlots(6);
    const leaves = Array.from({ length: 7 }, () => keep(slots));
    const first = early(slots, 6);
    expect(first).toEqual([false, true, true, false, true, true]);
    // Those four come back before the two others, and half of them is ahead once more.
    expect(early(slots, 4)).toEqual([true, false, true, false]);
    await Promise.all(leaves.map((leave) => leave()));
  });

  test("from then on while at most twice as many wait as there are slots", async () => {
    const slots = new BlobSlots(6);
    const leaves = Array.from({ length: 18 }, () => keep(slots));
    early(slots, 10);
    expect(early(slots, 2)).toEqual([true, true]);
    const last = keep(slots);
    expect(early(slots, 2)).toEqual([false, false]);
    await leaves[0]?.();
    expect(early(slots, 2)).toEqual([true, true]);
    await Promise.all([...leaves.map((leave) => leave()), last()]);
  });
});

test("whoever gives up a slot for a wait has one again after it", async () => {
  const slots = new BlobSlots(1);
  const order: string[] = [];
  const { promise: waited, resolve } = Promise.withResolvers<void>();
  const giving = slots.hold({ owner: {}, sizeBytes: 1, signal: NEVER }, async (slot) => {
    await slot.without(() => waited);
    order.push("again");
  });
  await settled();
  const other = slots.hold({ owner: {}, sizeBytes: 1, signal: NEVER }, async () => {
    order.push("other");
    resolve();
    await settled();
    order.push("other ends");
  });
  await Promise.all([giving, other]);
  expect(order).toEqual(["other", "other ends", "again"]);
});
