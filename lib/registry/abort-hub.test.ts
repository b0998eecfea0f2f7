import { getEventListeners } from "node:events";
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
