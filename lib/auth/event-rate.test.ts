import { expect, test } from "vitest";
import { EventRate } from "./event-rate.ts";

test("a token that floods waits, another does not, and time heals", () => {
  const rate = new EventRate();
  const send = (key: string, count: number, atMs: number) =>
    Array.from({ length: count }, () => rate.take(key, atMs)).filter((waitS) => waitS === 0).length;
  expect(send("a", 5_000, 0)).toBe(1_000);
  expect(send("b", 10, 0)).toBe(10);
  expect(send("a", 5_000, 1_000)).toBe(400);
  expect(send("a", 5_000, 60_000)).toBe(1_000);
  // A clock that is set back gives nothing away.
  expect(send("a", 10, 0)).toBe(0);
});

test("10,000 events a minute pass", () => {
  const rate = new EventRate();
  const waits = Array.from({ length: 10_000 }, (_, n) => rate.take("a", n * 6));
  expect(Math.max(...waits)).toBe(0);
});
