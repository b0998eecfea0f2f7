import { expect, test } from "vitest";
import { searchHref, searchOf } from "./search-href.ts";

test("a change keeps the other filters and goes back to the first page", () => {
  expect(searchHref("/rules", "instance=a&q=x&after=zz", { state: "failed" })).toBe(
    "/rules?instance=a&q=x&state=failed",
  );
  expect(searchHref("/rules", "instance=a&before=zz", { after: "yy" })).toBe("/rules?instance=a&after=yy");
});

test("null and blank take a parameter away", () => {
  expect(searchHref("/rules", "q=x&type=image", { q: null, type: "" })).toBe("/rules");
});

test("a canonical search leaves defaults out", () => {
  expect(
    searchOf(
      { instance: "a", view: "rules", q: "", size: 50, after: undefined },
      { view: "rules", size: 50 },
    ),
  ).toBe("instance=a");
  expect(searchOf({ q: "a&b", size: 20 }, { size: 50 })).toBe("q=a%26b&size=20");
});
