import "server-only";
import { eq } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { noticeAddresses } from "../db/schema/notices.ts";
import { users } from "../db/schema/people.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import type { AuditEntry } from "./audit.ts";
import { isId } from "./visibility.ts";

/** How things of a kind are called in the audit, by their id. */
const NAME_OF: Record<string, (id: string) => Promise<{ name: string }[]>> = {
  instance: (id) => database().select({ name: instances.name }).from(instances).where(eq(instances.id, id)),
  rule: (id) => database().select({ name: rules.name }).from(rules).where(eq(rules.id, id)),
  user: (id) => database().select({ name: users.username }).from(users).where(eq(users.id, id)),
  notice: (id) =>
    database().select({ name: noticeAddresses.name }).from(noticeAddresses).where(eq(noticeAddresses.id, id)),
  task: async (id) => {
    const found = await database()
      .select({ rule: rules.name, number: tasks.number })
      .from(tasks)
      .innerJoin(rules, eq(rules.id, tasks.ruleId))
      .where(eq(tasks.id, id));
    return found.map(({ rule, number }) => ({ name: `${rule} #${number}` }));
  },
};

/** What is made under a name that its maker chooses, and has no id before. */
const NAMED_BY_FORM = new Set(["instance", "rule", "notice"]);
const NAME_MAX_CHARS = 128;

/**
 * What somebody was refused to do something to, for the audit row. Only root reads it, so it names what the refused actor may
 * not see. What does not exist yet goes by the name that was asked for it.
 *
 * @param input as it was sent: nothing is known of it
 */
export async function refusedSubject(
  { permission }: Actor,
  input: Record<string, unknown>,
): Promise<AuditEntry["subject"]> {
  const [noun = ""] = permission.split(":");
  const kind = noun === "deletion" ? "rule" : noun;
  const id = input[`${kind}Id`];
  if (typeof id === "string" && isId(id)) {
    const [found] = (await NAME_OF[kind]?.(id)) ?? [];
    return { kind, id, name: found?.name ?? null };
  }
  return { kind, id: null, name: NAMED_BY_FORM.has(kind) ? asked(input.name) : null };
}

/** Postgres stores no NUL. */
function asked(name: unknown): string | null {
  const text = typeof name === "string" ? name.replaceAll("\u0000", "").trim() : "";
  return text === "" ? null : text.slice(0, NAME_MAX_CHARS);
}
