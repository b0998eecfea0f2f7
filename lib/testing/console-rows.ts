import { v7 as uuidv7 } from "uuid";
import type { Database } from "../db/client.ts";
import { grants, instances } from "../db/schema/instances.ts";
import { users } from "../db/schema/people.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";

/** Rows of the console's tables for tests, each with what it needs and nothing else. All return the id. */
let counter = 0;
const unique = (prefix: string): string => `${prefix}-${process.pid}-${++counter}`;

type Fields<Table extends { $inferInsert: object }> = Partial<Table["$inferInsert"]>;

export async function insertUser(db: Database, fields: Fields<typeof users> = {}): Promise<string> {
  const id = uuidv7();
  await db
    .insert(users)
    .values({ id, username: unique("user"), role: "sub-account", passwordHash: "none", ...fields });
  return id;
}

/** Each at an address of its own on this machine's loopback, which the egress rule refuses unless a test allows it. */
export async function insertInstance(db: Database, fields: Fields<typeof instances> = {}): Promise<string> {
  const id = uuidv7();
  const name = unique("instance");
  const address = `https://127.7.${counter >> 8}.${counter & 255}:9`;
  await db.insert(instances).values({ id, name, address, vendor: "distribution", ...fields });
  return id;
}

export interface RuleEnds {
  source: string;
  target: string;
  setBy?: string;
  namespace?: string | null;
}

export async function insertRule(
  db: Database,
  ends: RuleEnds,
  fields: Fields<typeof rules> = {},
): Promise<{ ruleId: string; ruleTargetId: string; name: string }> {
  const ruleId = uuidv7();
  const ruleTargetId = uuidv7();
  const name = fields.name ?? unique("rule");
  await db.insert(rules).values({
    id: ruleId,
    sourceInstanceId: ends.source,
    sourceNamespace: "team",
    resourceType: "all",
    ...fields,
    name,
  });
  await db.insert(ruleTargets).values({
    id: ruleTargetId,
    ruleId,
    instanceId: ends.target,
    namespace: ends.namespace ?? null,
    setBy: ends.setBy ?? null,
  });
  return { ruleId, ruleTargetId, name };
}

export async function insertTask(
  db: Database,
  { ruleId, source }: { ruleId: string; source: string },
  fields: Fields<typeof tasks> = {},
): Promise<string> {
  const id = fields.id ?? uuidv7();
  await db.insert(tasks).values({
    number: ++counter,
    ruleId,
    sourceInstanceId: source,
    trigger: "manual",
    scope: { kind: "rule" },
    ...fields,
    id,
  });
  return id;
}

export async function insertTransfer(
  db: Database,
  { taskId, target }: { taskId: string; target: string },
  fields: Fields<typeof transfers> = {},
): Promise<string> {
  const id = uuidv7();
  await db.insert(transfers).values({
    id,
    taskId,
    ruleTargetId: uuidv7(),
    targetInstanceId: target,
    repository: "team/app",
    tag: unique("tag"),
    targetRepository: "team/app",
    slice: 0,
    ...fields,
  });
  return id;
}

export async function insertGrant(
  db: Database,
  userId: string,
  instanceId: string,
  grant: { level?: "view" | "operate" | "manage" | null; receive?: boolean },
): Promise<void> {
  await db.insert(grants).values({ userId, instanceId, ...grant });
}
