import { expect, test, vi } from "vitest";
import { type Place, PlaceGate } from "./place-gate.ts";

const NEVER = new AbortController().signal;
const GIB = 1024 ** 3;

function asker(gate: PlaceGate) {
  const log: string[] = [];
  const places = new Map<string, Place>();
  return {
    log,
    async ask(name: string, owner: object, sizeBytes = 1000, signal = NEVER) {
      const place = await gate.enter({ owner, sizeBytes, signal });
      log.push(name);
      places.set(name, place);
    },
    leave(name: string) {
      places.get(name)?.leave();
      return settled();
    },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("never more than the bound, and a lower one counts as places are left", async () => {
  const gate = new PlaceGate();
  gate.setBound(2);
  const { ask, leave, log } = asker(gate);
  for (const name of ["a", "b", "c", "d"]) {
    void ask(name, {});
  }
  await settled();
  expect([gate.active, gate.waiting]).toEqual([2, 2]);
  gate.setBound(1);
  await leave("a");
  expect(log).toEqual(["a", "b"]);
  await leave("b");
  expect(log).toEqual(["a", "b", "c"]);
  gate.setBound(Number.POSITIVE_INFINITY);
  await settled();
  expect(log).toEqual(["a", "b", "c", "d"]);
});

test("an owner with many waiting copies does not keep others out", async () => {
  const gate = new PlaceGate();
  gate.setBound(2);
  const { ask, leave, log } = asker(gate);
  const [large, small] = [{}, {}];
  for (const name of ["l1", "l2", "l3", "l4"]) {
    void ask(name, large);
  }
  void ask("s", small);
  await settled();
  await leave("l1");
  expect(log).toEqual(["l1", "l2", "s"]);
});

/** One place after the other is left; what the first had to wait for comes after the first. */
async function servedInTurn(whileTheyWait: () => void): Promise<readonly string[]> {
  const gate = new PlaceGate();
  gate.setBound(2);
  const { ask, leave, log } = asker(gate);
  const first = {};
  void ask("first", first);
  for (const name of ["second", "third", "fourth"]) {
    void ask(name, {});
  }
  await settled();
  await leave("first");
  void ask("first again", first);
  whileTheyWait();
  await leave("second");
  await leave("third");
  return log;
}

test("whoever was first is served first, also in what it asks for later", async () => {
  expect(await servedInTurn(() => undefined)).toEqual(["first", "second", "third", "first again", "fourth"]);
});

test("nobody is passed by for long", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const served = await servedInTurn(() => vi.advanceTimersByTime(10_000));
    expect(served).toEqual(["first", "second", "third", "fourth", "first again"]);
  } finally {
    vi.useRealTimers();
  }
});

test("large copies leave the last place to small ones, as long as such come", async () => {
  const gate = new PlaceGate();
  gate.setBound(2);
  const { ask, leave, log } = asker(gate);
  const [index, other] = [{}, {}];
  await ask("config", index);
  await leave("config");
  void ask("l1", index, 5 * GIB);
  void ask("l2", index, 5 * GIB);
  await settled();
  expect(log).toEqual(["config", "l1"]);
  void ask("small", other);
  await settled();
  expect(log).toEqual(["config", "l1", "small"]);
  await leave("l1");
  await leave("small");
  expect(log).toEqual(["config", "l1", "small", "l2"]);
});

test("of one place a large copy may have it", async () => {
  const gate = new PlaceGate();
  gate.setBound(1);
  const { ask, log } = asker(gate);
  await ask("large", {}, 5 * GIB);
  expect(log).toEqual(["large"]);
});

test("places that are lost say so, nobody is let in meanwhile, and leaving them twice counts once", async () => {
  const gate = new PlaceGate();
  gate.setBound(2);
  const place = await gate.enter({ owner: {}, sizeBytes: 1, signal: NEVER });
  const { ask, log } = asker(gate);
  gate.lose();
  expect(place.lost).toBe(true);
  void ask("next", {});
  await settled();
  expect(log).toEqual([]);
  place.leave();
  place.leave();
  await settled();
  expect([gate.active, log]).toEqual([0, []]);
  gate.setBound(2);
  await settled();
  expect(log).toEqual(["next"]);
  const later = await gate.enter({ owner: {}, sizeBytes: 1, signal: NEVER });
  expect([place.lost, later.lost]).toEqual([true, false]);
});

test("who gives up while waiting takes no place", async () => {
  const gate = new PlaceGate();
  gate.setBound(1);
  const { ask, leave, log } = asker(gate);
  await ask("a", {});
  const control = new AbortController();
  const given = ask("b", {}, 1, control.signal);
  void ask("c", {});
  control.abort(new Error("enough"));
  await expect(given).rejects.toThrow("enough");
  await leave("a");
  expect(log).toEqual(["a", "c"]);
});
