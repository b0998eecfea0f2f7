import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Limiter } from "./limiter.ts";

test("never more than allowed, and everybody gets a turn", async () => {
  const limiter = new Limiter(3);
  let active = 0;
  let most = 0;
  let done = 0;
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      await limiter.enter(undefined);
      active += 1;
      most = Math.max(most, active);
      await new Promise(setImmediate);
      active -= 1;
      done += 1;
      limiter.leave();
    }),
  );
  expect({ most, done, active }).toEqual({ most: 3, done: 50, active: 0 });
});

test("a wait for a turn can be given up, and takes no turn with it", async () => {
  const limiter = new Limiter(1);
  await limiter.enter(undefined);
  const controller = new AbortController();
  const waiting = limiter.enter(controller.signal);
  controller.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
  expect(() => limiter.enter(controller.signal)).toThrow("stopped");
  limiter.leave();
  expect(limiter.enter(undefined)).toBeUndefined();
});

describe("a registry that says 429", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  const succeed = (limiter: Limiter, answers: number) => {
    for (let answer = 0; answer < answers; answer++) {
      limiter.succeed();
    }
  };

  test("halves the bound, and answers raise it again", () => {
    const limiter = new Limiter(32);
    limiter.slowDown();
    limiter.slowDown();
    expect(limiter.bound).toBe(16);
    succeed(limiter, 33);
    expect(limiter.bound).toBe(17);
  });

  test("is not asked for as much again until it has been calm for a while", () => {
    const limiter = new Limiter(32);
    limiter.slowDown();
    succeed(limiter, 5000);
    expect(limiter.bound).toBe(31);
    vi.setSystemTime(Date.now() + 11_000);
    succeed(limiter, 100);
    expect(limiter.bound).toBe(32);
  });
});
