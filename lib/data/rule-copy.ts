import "server-only";
import { and, eq, like, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { rules } from "../db/schema/rules.ts";
import type { RuleRow } from "../schemas/rule.ts";
import { getRule } from "./rules.ts";
import { holds, notFound } from "./visibility.ts";

const NAME_MAX = 64;
const SUFFIX = /-copy(?:-\d+)?$/;

/** A rule as the form of a new one begins with it, under a name that is free now; nothing is stored. @throws {AppError} NOT_FOUND */
export async function ruleToCopy(actor: Actor<"rule:create">, ruleId: string): Promise<RuleRow> {
  const rule = await getRule(actor, ruleId);
  if (!holds(actor.holds, rule.sourceInstance.id)) {
    throw notFound();
  }
  const stem = rule.name.replace(SUFFIX, "");
  const taken = await database()
    .select({ name: rules.name })
    .from(rules)
    .where(
      and(
        eq(rules.sourceInstanceId, rule.sourceInstance.id),
        // The beginning is cut where a long name has to make room for its number.
        like(rules.name, sql`${stem.slice(0, NAME_MAX - 10).replace(/[\\%_]/g, "\\$&")} || '%'`),
      ),
    );
  return { ...rule, name: freeName(stem, new Set(taken.map(({ name }) => name))) };
}

/** `x-copy`, `x-copy-2`, …: at most 64 characters. */
export function freeName(stem: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? "-copy" : `-copy-${number}`;
    const name = `${stem.slice(0, NAME_MAX - suffix.length)}${suffix}`;
    if (!taken.has(name)) {
      return name;
    }
  }
}
