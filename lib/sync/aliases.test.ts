import { expect, test } from "vitest";
import { MEDIA } from "../testing/content.ts";
import { Aliases, type Named, spread } from "./aliases.ts";

const named = (letter: string): Named => ({
  descriptor: { mediaType: MEDIA.manifest, digest: `sha256:${letter.repeat(64)}`, size: 2 },
});
const [a, b] = [named("a"), named("b")];

test("every place of a list comes once, each but the first few between two that came before", () => {
  for (const count of [0, 1, 2, 3, 17, 63, 64, 65]) {
    const places = [...spread(count)];
    expect(places.toSorted((one, other) => one - other)).toEqual([...Array(count).keys()]);
  }
  expect([...spread(8)]).toEqual([0, 4, 2, 6, 1, 3, 5, 7]);
});

test("what a registry agrees to counts once it has said no to what no tag names", () => {
  const aliases = new Aliases();
  const nobody = aliases.guess(0);
  expect(nobody?.descriptor.digest).toMatch(/^sha256:0{64}$/);
  // A tag that is gone proves nothing.
  expect(aliases.heard(0, null, nobody)).toBe(true);
  expect(aliases.guess(1)).toBe(nobody);
  expect(aliases.heard(1, a, nobody)).toBe(true);
  expect(aliases.guess(2)).toBe(a);
});

test("one that agrees to that is never asked so again", () => {
  const aliases = new Aliases();
  const nobody = aliases.guess(0);
  expect(aliases.heard(0, a, nobody)).toBe(true);
  expect(aliases.heard(1, nobody ?? null, nobody)).toBe(false);
  expect(aliases.guess(1)).toBeUndefined();
});

test("the nearest is guessed, not what is far away, and the last of the part before counts", () => {
  const aliases = new Aliases();
  const nobody = aliases.guess(0);
  aliases.heard(0, a, nobody);
  aliases.heard(10, b, nobody);
  expect([aliases.guess(4), aliases.guess(6), aliases.guess(18)]).toEqual([a, b, b]);
  expect(aliases.guess(19)).toBe(nobody);
  aliases.turn(11);
  expect([aliases.guess(0), aliases.guess(7)]).toEqual([b, b]);
  expect(aliases.guess(8)).toBe(nobody);
});
