import { expect, test } from "vitest";
import { instanceToOpen } from "./last-instance.ts";

const option = (id: string, level: string | null) => ({ id, grants: { level } });
const OPTIONS = [option("a", null), option("b", "view"), option("c", "manage")];

test("the last instance, while one may view it", () => {
  expect(instanceToOpen(OPTIONS, "c")?.id).toBe("c");
});

test("what one may not view, does not exist or was never there is not opened: the first is", () => {
  for (const last of ["a", "gone", "", null]) {
    expect(instanceToOpen(OPTIONS, last)?.id).toBe("b");
  }
  expect(instanceToOpen([option("a", null)], "a")).toBeUndefined();
});
