import { expect, test } from "vitest";
import type { LimitsAt } from "../schemas/limits.ts";
import type { Holders, Share } from "../schemas/shares.ts";
import { type Demand, wishOf } from "./share-plan.ts";

const CAP = 100_000_000;
const limits: LimitsAt = { copies: 8, readBytesPerSecond: null, writeBytesPerSecond: CAP, window: null };

const demand = (waiting: number, moved = 0, held = true): Demand => ({
  copies: 0,
  waiting,
  read: { moved, held },
  write: { moved, held },
});

const share = (wants: number, moved = 0, held = true): Share => ({
  wants,
  copies: 0,
  places: 0,
  read: null,
  write: { share: 0, moved, held, reserve: 0 },
  until: 1_000,
});

const wish = (id: string, mine: Demand, others: Holders, nowMs = 0) =>
  wishOf(limits, others, { id, demand: mine, nowMs });

test("alone, a worker asks for everything, whatever it needs", () => {
  expect(wish("a", demand(1, 0, false), {})).toMatchObject({
    places: 8,
    read: null,
    write: { share: CAP },
  });
});

test("all that could use more have the same, however many copies they have", () => {
  expect(wish("a", demand(1), { b: share(1), c: share(60) }).write?.share).toBe(Math.floor(CAP / 3));
});

test("what a slow one cannot use goes to the others", () => {
  const slow = share(1, 10_000_000, false);
  const mine = wish("b", demand(1), { a: slow }).write?.share ?? 0;
  expect(mine).toBe(CAP - 12_500_000 - 2_000_000);
  const its = wish("a", demand(1, 10_000_000, false), { b: share(1) }).write?.share ?? 0;
  expect(mine + its).toBeLessThanOrEqual(CAP);
});

test("every combination adds up to the cap, never above, and all of it", () => {
  for (let round = 0; round < 300; round += 1) {
    const workers = Array.from({ length: 1 + (round % 7) }, (_, index) => ({
      id: `w${index}`,
      demand: demand(
        (round * 7 + index * 5) % 9,
        ((round * 13 + index * 31) % 90) * 1e6,
        (round + index) % 3 === 0,
      ),
    }));
    const holders: Holders = Object.fromEntries(
      workers.map(({ id, demand: its }) => [id, share(its.waiting, its.write.moved, its.write.held)]),
    );
    const wishes = workers.map((worker) =>
      wishOf(limits, holders, { ...worker, nowMs: (round * 777) % 1_000 }),
    );
    const places = wishes.reduce((sum, { places: count }) => sum + (count ?? 0), 0);
    const bytes = wishes.reduce((sum, { write }) => sum + (write?.share ?? 0), 0);
    expect(places).toBe(8);
    expect(bytes).toBeLessThanOrEqual(CAP);
    expect(bytes).toBeGreaterThan(CAP - 10);
  }
});

test("where there are fewer places than workers, each has its turn", () => {
  const one = { ...limits, copies: 1 };
  const holders = {
    a: { ...share(3), until: 1e9 },
    b: { ...share(3), until: 1e9 },
    c: { ...share(3), until: 1e9 },
  };
  const turns = [0, 10_000, 20_000, 30_000].map((nowMs) =>
    ["a", "b", "c"].map((id) => wishOf(one, holders, { id, demand: demand(3), nowMs }).places),
  );
  expect(turns).toEqual([
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
    [1, 0, 0],
  ]);
});

test("whoever wants nothing gets a place only when nobody else wants it", () => {
  expect(wish("a", demand(0), { b: share(20) }).places).toBe(0);
  expect(wish("b", demand(20), { a: share(0) }).places).toBe(8);
});

test("shares that have expired ask for nothing", () => {
  expect(wish("a", demand(1), { b: share(1) }, 2_000).write?.share).toBe(CAP);
});
