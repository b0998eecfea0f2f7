import { expect, test } from "vitest";
import { Distance } from "./distance.ts";

function measured() {
  const dialled: number[] = [];
  const distance = new Distance({ dial: (count) => void dialled.push(count), most: 32 });
  return { dialled, distance };
}

test("nothing is dialled ahead that nobody expects", () => {
  const { dialled, distance } = measured();
  distance.hear(200);
  expect(dialled).toEqual([]);
});

test("until it is known how far it is some are dialled, and the first answer from far away brings the rest", () => {
  const { dialled, distance } = measured();
  distance.expect(4);
  distance.expect(100);
  distance.hear(200);
  distance.hear(150);
  expect(dialled).toEqual([4, 16, 32]);
});

test("far away, as many as are expected; near by, none", () => {
  const { dialled, distance } = measured();
  distance.hear(200);
  distance.expect(8);
  distance.hear(100);
  distance.hear(3);
  distance.expect(8);
  expect(dialled).toEqual([8]);
});
