import { expect, test } from "vitest";
import type { UserRow } from "@/lib/schemas/user.ts";
import {
  cellOf,
  changesOf,
  holdsGrant,
  overtakenBy,
  stepsOf,
  toggled,
  withMine,
  withTheirs,
  withToggle,
} from "./grant-cell.ts";

const user: UserRow = {
  id: "0199b0a0-0000-7000-8000-000000000001",
  username: "chenli",
  displayName: "陈立",
  role: "sub-account",
  disabledAt: null,
  createdAt: "2026-11-24T00:00:00.000Z",
  lastSignInAt: null,
  grants: { a: { level: "operate", receive: false } },
};

test("a level implies those below it, receive stands alone", () => {
  expect(holdsGrant({ level: "manage", receive: false }, "view")).toBe(true);
  expect(holdsGrant({ level: "view", receive: true }, "operate")).toBe(false);
  expect(holdsGrant({ level: null, receive: true }, "view")).toBe(false);
  expect(holdsGrant({ level: "manage", receive: false }, "receive")).toBe(false);
});

test("giving manage gives all below; taking view takes all above, receive stays", () => {
  expect(toggled({ level: null, receive: true }, "manage")).toEqual({ level: "manage", receive: true });
  expect(toggled({ level: "manage", receive: true }, "view")).toEqual({ level: null, receive: true });
  expect(toggled({ level: "manage", receive: false }, "operate")).toEqual({ level: "view", receive: false });
});

test("a cell that is back where it was is no change", () => {
  const once = withToggle(new Map(), user, "a", "manage");
  expect(changesOf(once)).toEqual([
    {
      userId: user.id,
      instanceId: "a",
      level: "manage",
      receive: false,
      was: user.grants.a ?? { level: null, receive: false },
    },
  ]);
  expect(cellOf(user, "a", once).level).toBe("manage");
  expect(changesOf(withToggle(once, user, "a", "manage"))).toEqual([]);
});

test("an edited cell is told by the highest grant it gives or the lowest it takes", () => {
  expect(stepsOf({ level: null, receive: false }, { level: "manage", receive: true })).toEqual([
    { sign: "+", grant: "manage" },
    { sign: "+", grant: "receive" },
  ]);
  expect(stepsOf({ level: "manage", receive: false }, { level: "view", receive: false })).toEqual([
    { sign: "-", grant: "operate" },
  ]);
  expect(stepsOf({ level: "view", receive: true }, { level: null, receive: true })).toEqual([
    { sign: "-", grant: "view" },
  ]);
});

test("a cell that somebody else changed meanwhile is told, and either side can be taken", () => {
  const edits = withToggle(withToggle(new Map(), user, "a", "manage"), user, "b", "receive");
  const theirs = { ...user, grants: { ...user.grants, a: { level: "operate", receive: true } as const } };
  const overtaken = overtakenBy([theirs], edits);
  expect(overtaken.map(({ key, stored }) => ({ key, stored }))).toEqual([
    { key: `${user.id}:a`, stored: { level: "operate", receive: true } },
  ]);
  expect([...withTheirs(edits, overtaken).keys()]).toEqual([`${user.id}:b`]);
  const mine = withMine(edits, overtaken);
  expect(overtakenBy([theirs], mine)).toEqual([]);
  expect(mine.get(`${user.id}:a`)).toMatchObject({ level: "manage", was: { level: "operate" } });
  expect(overtakenBy([user], edits)).toEqual([]);
});
