import { GRANT_LEVELS, type Grant, type GrantLevel, type InstanceGrants } from "@/lib/schemas/instance.ts";
import type { GrantChange, UserRow } from "@/lib/schemas/user.ts";

/** What a cell is to hold, and what it held when it was first edited. */
export interface Edit extends InstanceGrants {
  was: InstanceGrants;
}
/** Edited cells of the matrix, by `user:instance`; a cell that is back at its stored value is not in it. */
export type Edits = ReadonlyMap<string, Edit>;

export const NOTHING: InstanceGrants = { level: null, receive: false };
export const cellKey = (userId: string, instanceId: string): string => `${userId}:${instanceId}`;
const rank = (level: GrantLevel | null): number => (level === null ? -1 : GRANT_LEVELS.indexOf(level));

/** manage implies operate implies view; receive stands alone. */
export function holdsGrant({ level, receive }: InstanceGrants, grant: Grant): boolean {
  return grant === "receive" ? receive : rank(level) >= rank(grant);
}

/** Giving a level gives those below it; taking one takes those above it. */
export function toggled(cell: InstanceGrants, grant: Grant): InstanceGrants {
  if (grant === "receive") {
    return { ...cell, receive: !cell.receive };
  }
  return { ...cell, level: holdsGrant(cell, grant) ? (GRANT_LEVELS[rank(grant) - 1] ?? null) : grant };
}

export function sameCell(a: InstanceGrants, b: InstanceGrants): boolean {
  return a.level === b.level && a.receive === b.receive;
}

/** What one edited cell gives or takes, in as few words as say it: `+manage`, or `-view` where all is lost. */
export function stepsOf(before: InstanceGrants, after: InstanceGrants): { sign: "+" | "-"; grant: Grant }[] {
  const steps: { sign: "+" | "-"; grant: Grant }[] = [];
  if (after.level !== null && rank(after.level) > rank(before.level)) {
    steps.push({ sign: "+", grant: after.level });
  } else if (rank(after.level) < rank(before.level)) {
    steps.push({ sign: "-", grant: GRANT_LEVELS[rank(after.level) + 1] ?? "view" });
  }
  if (before.receive !== after.receive) {
    steps.push({ sign: after.receive ? "+" : "-", grant: "receive" });
  }
  return steps;
}

/** What the server is asked to save: one entry for each edited cell. */
export function changesOf(edits: Edits): GrantChange[] {
  return [...edits].map(([key, { level, receive, was }]) => {
    const [userId = "", instanceId = ""] = key.split(":");
    return { userId, instanceId, level, receive, was };
  });
}

export function cellOf(user: UserRow, instanceId: string, edits: Edits): InstanceGrants {
  return edits.get(cellKey(user.id, instanceId)) ?? user.grants[instanceId] ?? NOTHING;
}

/** The edits after one slot was toggled. */
export function withToggle(edits: Edits, user: UserRow, instanceId: string, grant: Grant): Edits {
  const key = cellKey(user.id, instanceId);
  const stored = user.grants[instanceId] ?? NOTHING;
  const edit = edits.get(key);
  const { level, receive } = toggled(edit ?? stored, grant);
  const changed = new Map(edits);
  if (sameCell({ level, receive }, stored)) {
    changed.delete(key);
  } else {
    changed.set(key, { level, receive, was: edit?.was ?? stored });
  }
  return changed;
}

/** An edited cell that somebody else changed meanwhile, to something else than it is to hold. */
export interface Overtaken {
  key: string;
  user: UserRow;
  instanceId: string;
  /** What it holds by now. */
  stored: InstanceGrants;
}

export function overtakenBy(users: readonly UserRow[], edits: Edits): Overtaken[] {
  return [...edits].flatMap(([key, edit]) => {
    const [userId, instanceId = ""] = key.split(":");
    const user = users.find(({ id }) => id === userId);
    const stored = user?.grants[instanceId] ?? NOTHING;
    const overtaken = user && !sameCell(stored, edit.was) && !sameCell(stored, edit);
    return overtaken ? [{ key, user, instanceId, stored }] : [];
  });
}

/** The edits without those that were overtaken: what the other did stays. */
export function withTheirs(edits: Edits, overtaken: readonly Overtaken[]): Edits {
  const lost = new Set(overtaken.map(({ key }) => key));
  return new Map([...edits].filter(([key]) => !lost.has(key)));
}

/** The edits made from what is stored by now: to be saved over what the other did. */
export function withMine(edits: Edits, overtaken: readonly Overtaken[]): Edits {
  const now = new Map(overtaken.map(({ key, stored }) => [key, stored]));
  return new Map([...edits].map(([key, edit]) => [key, { ...edit, was: now.get(key) ?? edit.was }]));
}
