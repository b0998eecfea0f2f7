import { describe, expect, test } from "vitest";
import { RULE_COLUMNS, USUAL_COLUMNS } from "@/lib/schemas/words.ts";
import { columnsOf, columnsParam } from "./rule-columns.ts";

describe("columns in the URL", () => {
  test("nothing said: the usual ones, and nothing is said of them", () => {
    expect(columnsOf(undefined)).toEqual(USUAL_COLUMNS);
    expect(columnsParam(USUAL_COLUMNS)).toBeNull();
  });

  test.each([[["created"]], [["place", "lastTask"]], [[...RULE_COLUMNS]], [[]]] as const)(
    "%j survives the way to the URL and back",
    (shown) => {
      const param = columnsParam([...shown].reverse());
      expect(param).not.toBeNull();
      expect(columnsOf(param ?? undefined)).toEqual(shown);
    },
  );

  test("what is no column is left out", () => {
    expect(columnsOf("place,owner")).toEqual(["place"]);
  });
});
