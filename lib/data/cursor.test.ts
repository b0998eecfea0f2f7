import { sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { describe, expect, test } from "vitest";
import { containing, type Order, planPage } from "./cursor.ts";

const ID = "018f0000-0000-7000-8000-000000000001";
const BY_NAME: Order = {
  name: "name",
  by: [
    { expression: sql`name`, cast: "text" },
    { expression: sql`id`, cast: "uuid" },
  ],
  direction: "asc",
};
const text = (part: ReturnType<typeof sql>) => new PgDialect().sqlToQuery(part);
const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ key: [`n${index}`, ID] }));

describe("planPage", () => {
  test("the first page has no previous, and a next only when one row more was found", () => {
    const plan = planPage(BY_NAME, { size: 2 });
    expect(plan.limit).toBe(3);
    expect(text(plan.where).sql).toBe("true");
    expect(plan.page(rows(2))).toMatchObject({ next: null, previous: null });
    expect(plan.page(rows(3)).next).not.toBeNull();
    expect(plan.page(rows(3)).rows).toHaveLength(2);
  });

  test("goes on after the last row of a page, and back before its first", () => {
    const first = planPage(BY_NAME, { size: 2 }).page(rows(3));
    const after = planPage(BY_NAME, { size: 2, after: first.next ?? "" });
    expect(text(after.where)).toMatchObject({ sql: "(name, id) > ($1::text, $2::uuid)", params: ["n1", ID] });
    const second = after.page(rows(1));
    expect(second).toMatchObject({ next: null });
    const back = planPage(BY_NAME, { size: 2, before: second.previous ?? "" });
    expect(text(back.where).sql).toBe("(name, id) < ($1::text, $2::uuid)");
    expect(text(back.orderBy).sql).toBe("name desc, id desc");
    const again = back.page([{ key: ["b", ID] }, { key: ["a", ID] }]);
    expect(again.rows.map(({ key }) => key[0])).toEqual(["a", "b"]);
    expect(again.next).not.toBeNull();
    expect(again.previous).toBeNull();
  });

  test.each([
    "",
    "not base64url!",
    Buffer.from("{}").toString("base64url"),
    Buffer.from('["other",["a","b"]]').toString("base64url"),
    Buffer.from(`["name",["a"]]`).toString("base64url"),
    Buffer.from(`["name",["a","' or 1=1"]]`).toString("base64url"),
    Buffer.from(`["name",[7,"${ID}"]]`).toString("base64url"),
    Buffer.from(`["name",["a\\u0000","${ID}"]]`).toString("base64url"),
  ])("takes a cursor that is none (%s) for the first page", (after) => {
    expect(text(planPage(BY_NAME, { size: 2, after }).where).sql).toBe("true");
  });
});

test("a search term is characters, not wildcards", () => {
  expect(containing("50%_\\\u0000")).toBe("%50\\%\\_\\\\%");
});
