import { expect, test } from "vitest";
import { WHOLE_RULE } from "../schemas/task.ts";
import { uniteScopes } from "./scope.ts";

const EARLY = "2026-11-24T10:00:00.000Z";
const LATE = "2026-11-24T11:00:00.000Z";
const app = { repository: "team/app", tag: "1" };

test("a tag that was told twice is known since the first time", () => {
  const late = { kind: "tags", tags: [{ ...app, since: LATE }] } as const;
  const early = { kind: "tags", tags: [{ ...app, since: EARLY }] } as const;
  expect(
    uniteScopes({ kind: "tags", tags: [...late.tags] }, { kind: "tags", tags: [...early.tags] }),
  ).toEqual({
    kind: "tags",
    tags: [{ ...app, since: EARLY }],
  });
});

test("a target is passed over only if both pass it over", () => {
  const scope = (...except: string[]) => ({ kind: "tags" as const, tags: [{ ...app, except }] });
  expect(uniteScopes(scope("a", "b"), scope("b", "c"))).toEqual(scope("b"));
  expect(uniteScopes(scope("a"), scope("b"))).toEqual({ kind: "tags", tags: [app] });
  expect(uniteScopes(scope("a"), { kind: "tags", tags: [app] })).toEqual({ kind: "tags", tags: [app] });
});

test("the whole rule beats tags and passes nothing over, but keeps what was told and since when", () => {
  const told = { ...app, since: EARLY };
  const tags = {
    kind: "tags" as const,
    tags: [
      { ...told, except: ["a"] },
      { ...app, tag: "2" },
    ],
  };
  expect(uniteScopes(WHOLE_RULE, tags)).toEqual({ kind: "rule", told: [told] });
  expect(uniteScopes(uniteScopes(WHOLE_RULE, tags), WHOLE_RULE)).toEqual({ kind: "rule", told: [told] });
  expect(uniteScopes({ kind: "tags", tags: [app] }, WHOLE_RULE)).toEqual(WHOLE_RULE);
});
