import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { type AbortListener, abortHub } from "./abort-hub.ts";

test("everybody who still listens is told of an abort, once, by one listener of the signal", () => {
  const controller = new AbortController();
  const told: unknown[] = [];
  const listener = (name: string): AbortListener => ({ onAbort: (reason) => void told.push([name, reason]) });
  const gone = listener("gone");
  for (const each of [listener("one"), gone, listener("other")]) {
    abortHub(controller.signal).add(each);
  }
  abortHub(controller.signal).delete(gone);
  abortHub(controller.signal).delete(gone);
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
  controller.abort("why");
  controller.abort("again");
  expect(told).toEqual([
    ["one", "why"],
    ["other", "why"],
  ]);
});

test("who is told may end what others wait for", () => {
  const controller = new AbortController();
  const told: string[] = [];
  const second: AbortListener = { onAbort: () => void told.push("second") };
  const hub = abortHub(controller.signal);
  hub.add({
    onAbort: () => {
      told.push("first");
      hub.delete(second);
    },
  });
  hub.add(second);
  controller.abort();
  expect(told).toEqual(["first"]);
});

test("a signal that was aborted before tells nobody any more", () => {
  const controller = new AbortController();
  controller.abort();
  abortHub(controller.signal).add({ onAbort: () => expect.fail("told") });
});

test("who comes while others leave is told, and nobody twice", () => {
  const controller = new AbortController();
  const hub = abortHub(controller.signal);
  const told: number[] = [];
  const listeners = Array.from({ length: 9 }, (_, number) => ({ onAbort: () => void told.push(number) }));
  const at = (number: number): AbortListener => listeners[number] as AbortListener;
  for (const number of [0, 1, 2, 3, 4]) {
    hub.add(at(number));
  }
  for (const [gone, come] of [
    [0, 5],
    [4, 6],
    [5, 0],
    [2, 7],
  ] as const) {
    hub.delete(at(gone));
    hub.delete(at(gone));
    hub.add(at(come));
  }
  expect(hub.size).toBe(5);
  controller.abort();
  expect(told.sort()).toEqual([0, 1, 3, 6, 7]);
});

test("who has left is forgotten by the next collection of what is young", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options?: { type: "minor" }) => void;
  const hub = abortHub(new AbortController().signal);
  const listening: (AbortListener & { answer: number[] })[] = [];
  const come = () => {
    const listener = { onAbort: () => undefined, answer: new Array<number>(1_000).fill(1.5) };
    listening.push(listener);
    hub.add(listener);
  };
  while (listening.length < 32) {
    come();
  }
  // Makes old what is there.
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let left = 0; left < 8_000; left++) {
    hub.delete(listening.shift() as AbortListener);
    come();
    if (left % 50 === 0) {
      collect({ type: "minor" });
    }
  }
  collect({ type: "minor" });
  // 64 MB came and left.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(4_000_000);
});
