import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { forEachLimited, mapLimited } from "./limit.ts";

test("never more at once than allowed, and nothing taken that cannot begin", async () => {
  let [running, most, taken] = [0, 0, 0];
  async function* items() {
    while (taken < 20) {
      taken += 1;
      yield taken;
    }
  }
  await forEachLimited(items(), 3, async () => {
    running += 1;
    most = Math.max(most, running);
    await sleep(1);
    running -= 1;
  });
  expect([most, running, taken]).toEqual([3, 0, 20]);
});

test("the first error is thrown after those under way have ended; later items are not begun", async () => {
  const begun: number[] = [];
  let ended = false;
  const visiting = forEachLimited([1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item);
    if (item === 1) {
      await sleep(5);
      throw new Error("first");
    }
    await sleep(20);
    ended = true;
  });
  await expect(visiting).rejects.toThrow("first");
  expect(begun).toEqual([1, 2]);
  expect(ended).toBe(true);
});

test("an iterable that breaks lets what is under way end", async () => {
  let ended = false;
  async function* items() {
    yield 1;
    throw new Error("broken");
  }
  const visiting = forEachLimited(items(), 4, async () => {
    await sleep(10);
    ended = true;
  });
  await expect(visiting).rejects.toThrow("broken");
  expect(ended).toBe(true);
});

test("a visit that throws before it has begun ends it like any other", async () => {
  const begun: number[] = [];
  const visiting = forEachLimited([1, 2, 3], 2, (item) => {
    begun.push(item);
    if (item === 2) {
      throw new Error("at once");
    }
    return sleep(5);
  });
  await expect(visiting).rejects.toThrow("at once");
  expect(begun).toEqual([1, 2]);
});

test("results keep the order of their items", async () => {
  const doubled = await mapLimited([5, 1, 3], 2, async (ms) => {
    await sleep(ms);
    return ms * 2;
  });
  expect(doubled).toEqual([10, 2, 6]);
});
