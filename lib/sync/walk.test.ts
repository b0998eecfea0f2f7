import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { abortHub } from "../registry/abort-hub.ts";
import { MemoryRepository } from "../registry/memory-repository.ts";
import { memoryPlacements } from "./placements.ts";
import type { TransferProgress } from "./transfer.ts";
import { walking } from "./walk.ts";

function begun(onProgress: (progress: TransferProgress) => void = () => undefined) {
  const stop = new AbortController();
  const request = {
    ...{ source: new MemoryRepository(), target: new MemoryRepository() },
    ...{ tag: "v1", digest: `sha256:${"0".repeat(64)}`, override: false },
  };
  const context = { placements: memoryPlacements(), signal: stop.signal, onProgress };
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

test("whoever waits for all but so many bytes is called once, also where some are taken back and sent again", async () => {
  const { run } = begun();
  await run(async (walk) => {
    let calls = 0;
    walk.onceOpen(4, () => {
      calls += 1;
    });
    const told = (progress: TransferProgress) => {
      walk.report(progress);
      return calls;
    };
    expect(told({ found: 10 })).toBe(0);
    expect(told({ copied: 3 })).toBe(0);
    expect(told({ mounted: 2 })).toBe(0);
    expect(told({ skipped: 1 })).toBe(1);
    expect(told({ copied: -3 })).toBe(1);
    expect(told({ copied: 3 })).toBe(1);
    expect(told({ copied: 4 })).toBe(1);
  });
});

test("what is found on the way is open as well, and what was left out is not", async () => {
  const { run } = begun();
  await run(async (walk) => {
    const calls: string[] = [];
    walk.report({ found: 6 });
    walk.onceOpen(1, () => calls.push("now"));
    walk.report({ found: 5, copied: 5 });
    expect(calls).toEqual([]);
    walk.report({ found: -5 });
    expect(calls).toEqual(["now"]);
  });
});

test("what is reported is told to whoever wants to know of progress", async () => {
  const told: TransferProgress[] = [];
  const { run } = begun((progress) => told.push(progress));
  await run(async (walk) => {
    walk.report({ found: 3 });
    walk.report({ copied: 2, skipped: 1 });
  });
  expect(told).toEqual([{ found: 3 }, { copied: 2, skipped: 1 }]);
});
