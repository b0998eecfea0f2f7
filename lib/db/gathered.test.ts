import { expect, test } from "vitest";
import { gathered } from "./gathered.ts";

test("what is asked together, or while an answer is under way, is answered in one round, each with its own", async () => {
  const rounds: number[][] = [];
  const double = gathered(async (asks: number[]) => {
    rounds.push(asks);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return asks.map((ask) => ask * 2);
  });
  const first = Promise.all([double(1), double(2)]);
  await new Promise((resolve) => setTimeout(resolve, 5));
  const second = Promise.all([double(3), double(4), double(5)]);
  expect(await first).toEqual([2, 4]);
  expect(await second).toEqual([6, 8, 10]);
  expect(rounds).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  expect(await double(6)).toBe(12);
});

test("a round that fails fails for those in it, and the next one is asked all the same", async () => {
  let broken = true;
  const ask = gathered(async (asks: string[]) => {
    if (broken) {
      throw new Error("away");
    }
    return asks;
  });
  const results = await Promise.allSettled([ask("a"), ask("b")]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  broken = false;
  expect(await ask("c")).toBe("c");
});

test("a large crowd is answered in rounds that stay small", async () => {
  const sizes: number[] = [];
  const ask = gathered(async (asks: number[]) => {
    sizes.push(asks.length);
    return asks;
  });
  expect(await Promise.all(Array.from({ length: 450 }, (_, n) => ask(n)))).toHaveLength(450);
  expect(sizes).toEqual([200, 200, 50]);
});
