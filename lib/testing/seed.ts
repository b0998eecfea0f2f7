import { randomUUID } from "node:crypto";
import type { Executor } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { users } from "../db/schema/people.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";

/** Rows that tests begin with. Names are unique, so that a test may ask for several. */
const unique = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;

export async function seedUser(db: Executor): Promise<string> {
  const id = randomUUID();
  await db.insert(users).values({ id, username: unique("user"), role: "root", passwordHash: "none" });
  return id;
}

/** An instance without credentials; plain HTTP when the address says so. */
export async function seedInstance(db: Executor, address = "http://127.0.0.1:9"): Promise<string> {
  const id = randomUUID();
  await db.insert(instances).values({
    id,
    name: unique("instance"),
    address: new URL(address).origin,
    vendor: "distribution",
    plainHttp: address.startsWith("http:"),
  });
  return id;
}

export interface SeedRule {
  sourceInstanceId: string;
  targetInstanceIds: string[];
  sourceNamespace?: string;
  targetNamespace?: string | null;
  repositoryPattern?: string;
  tagPattern?: string;
  override?: boolean;
}

export async function seedRule(db: Executor, rule: SeedRule): Promise<string> {
  const id = randomUUID();
  await db.insert(rules).values({
    id,
    name: unique("rule"),
    sourceInstanceId: rule.sourceInstanceId,
    sourceNamespace: rule.sourceNamespace ?? "team",
    repositoryPattern: rule.repositoryPattern ?? "",
    tagPattern: rule.tagPattern ?? "",
    resourceType: "all",
    override: rule.override ?? false,
  });
  for (const instanceId of rule.targetInstanceIds) {
    await db
      .insert(ruleTargets)
      .values({ id: randomUUID(), ruleId: id, instanceId, namespace: rule.targetNamespace ?? null });
  }
  return id;
}
