import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { onAbort } from "./abort-hub.ts";

test("everybody who still listens is told of an abort, once, by one listener of the signal", () => {
  const controller = new AbortController();
  const told: string[] = [];
  const tell = (name: string) => () => void told.push(name);
  const same = tell("same");
  onAbort(controller.signal, same);
  const end = onAbort(controller.signal, same);
  onAbort(controller.signal, tell("other"));
  const gone = onAbort(controller.signal, tell("gone"));
  gone();
  gone();
  end();
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
  controller.abort();
  controller.abort();
  expect(told).toEqual(["same", "other"]);
});

test("who is told may end what others wait for", () => {
  const controller = new AbortController();
  const told: string[] = [];
  const ends: (() => void)[] = [];
  onAbort(controller.signal, () => {
    told.push("first");
    ends[0]?.();
  });
  ends.push(onAbort(controller.signal, () => void told.push("second")));
  controller.abort();
  expect(told).toEqual(["first"]);
});

test("a signal that was aborted before tells nobody any more", () => {
  const controller = new AbortController();
  controller.abort();
  onAbort(controller.signal, () => expect.fail("told"))();
});
