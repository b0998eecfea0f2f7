import { expect, test, vi } from "vitest";
import { type Shortcut, ShortcutRegistry } from "./shortcut-registry.ts";

const binding = (keys: string, label: string): Shortcut => ({ keys, label, run: () => {} });

test("lists what is bound now; of equal keys the last", () => {
  const registry = new ShortcutRegistry();
  registry.add(() => [binding("n", "New"), { ...binding("t", "Trigger"), when: false }]);
  const remove = registry.add(() => [binding("n", "New rule")]);
  expect(registry.list().map(({ label }) => label)).toEqual(["New rule"]);
  remove();
  expect(registry.list().map(({ label }) => label)).toEqual(["New"]);
});

test("whoever watches is told of keys that come and go, and sees them in the list, until it watches no more", () => {
  const registry = new ShortcutRegistry();
  registry.add(() => [binding("?", "Help")]);
  const seen = vi.fn(() => registry.list().map(({ keys }) => keys));
  const stop = registry.watch(seen);
  expect(seen).not.toHaveBeenCalled();
  const remove = registry.add(() => [binding("j", "Next row")]);
  expect(seen).toHaveLastReturnedWith(["?", "j"]);
  remove();
  expect(seen).toHaveLastReturnedWith(["?"]);
  stop();
  registry.add(() => [binding("k", "Previous row")]);
  expect(seen).toHaveBeenCalledTimes(2);
});
