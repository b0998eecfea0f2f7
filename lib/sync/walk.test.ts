import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { abortHub } from "../registry/abort-hub.ts";
import { MemoryRepository } from "../registry/memory-repository.ts";
import { memoryPlacements } from "./placements.ts";
import { walking } from "./walk.ts";

function begun() {
  const stop = new AbortController();
  const request = {
    ...{ source: new MemoryRepository(), target: new MemoryRepository() },
    ...{ tag: "v1", digest: `sha256:${"0".repeat(64)}`, override: false },
  };
  const context = { placements: memoryPlacements(), signal: stop.signal, onProgress: () => undefined };
  return { stop, run: walking.bind(null, request, context) };
}

test("what has not begun stops with everything else, for the same reason", async () => {
  const { stop, run } = begun();
  await run(async ({ begin, signal }) => {
    stop.abort(new Error("enough"));
    expect([begin.aborted, begin.reason]).toEqual([true, signal.reason]);
  });
  const again = begun();
  await again.run(async (walk) => {
    again.stop.abort(new Error("before anybody waited"));
    expect([walk.begin.aborted, walk.begin.reason]).toEqual([true, walk.signal.reason]);
  });
  await expect(run(async () => undefined)).rejects.toThrow("enough");
});

test("a failure stops what has not begun, and nothing else", async () => {
  const { run } = begun();
  await run(async (walk) => {
    walk.fail(new Error("a sibling"));
    expect(walk.begin.reason).toEqual(new Error("a sibling"));
    expect(walk.signal.aborted).toBe(false);
  });
});

test("when it is over, however it ended, nothing of it is left at the signal of the run", async () => {
  const { stop, run } = begun();
  await run(async () => undefined);
  expect(getEventListeners(stop.signal, "abort")).toEqual([]);
  await run(async ({ begin }) => expect(begin.aborted).toBe(false));
  const broken = run(async (walk) => {
    walk.fail(new Error("a sibling"));
    throw new Error("broken");
  });
  await expect(broken).rejects.toThrow("broken");
  expect(abortHub(stop.signal).size).toBe(0);
});
