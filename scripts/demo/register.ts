import { randomBytes } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { createRoot, setupNeeded } from "../../lib/auth/setup.ts";
import type { Tx } from "../../lib/db/client.ts";
import { instances } from "../../lib/db/schema/instances.ts";
import { users } from "../../lib/db/schema/people.ts";
import { rules, ruleTargets } from "../../lib/db/schema/rules.ts";
import type { ResourceType } from "../../lib/schemas/rule.ts";
import { seal, secretPlace } from "../../lib/secrets.ts";
import { PLACES, type PlaceAddress, type PlaceAddresses, type PlaceKey } from "./places.ts";

/** Makes root at the first start. Returns the password to print once, or null when root is there already. */
export async function ensureRoot(): Promise<string | null> {
  if (!(await setupNeeded())) {
    return null;
  }
  const password = randomBytes(12).toString("base64url");
  await createRoot({ username: "root", displayName: "管理员", password }, { kind: "operator" });
  return password;
}

/** Registers the three registries, or corrects the address of one that had to move to another port. */
export async function ensureInstances(tx: Tx, addresses: PlaceAddresses): Promise<Record<PlaceKey, string>> {
  const ids: Partial<Record<PlaceKey, string>> = {};
  for (const { key, name, region } of PLACES) {
    const [known] = await tx.select({ id: instances.id }).from(instances).where(eq(instances.name, name));
    const id = known?.id ?? uuidv7();
    const reach = reachOf(id, addresses[key]);
    if (known === undefined) {
      await tx.insert(instances).values({ id, name, region, ...reach });
    } else {
      await tx.update(instances).set(reach).where(eq(instances.id, id));
    }
    ids[key] = id;
  }
  return ids as Record<PlaceKey, string>;
}

function reachOf(id: string, { origin, username, password }: PlaceAddress) {
  return {
    address: origin,
    vendor: "distribution" as const,
    plainHttp: true,
    username,
    passwordSealed: password === null ? null : seal(password, secretPlace("instances", id, "password")),
    updatedAt: sql`now()`,
  };
}

interface DemoRule {
  name: string;
  description: string;
  sourceNamespace: string;
  resourceType: ResourceType;
  target: PlaceKey;
  excludeTagPattern?: string;
  semverRange?: string;
  newestTags?: number;
}

const RULES: readonly DemoRule[] = [
  {
    name: "commerce-to-singapore",
    description: "交易业务的镜像同步到新加坡",
    sourceNamespace: "commerce",
    resourceType: "image",
    target: "singapore",
  },
  {
    name: "charts-to-frankfurt",
    description: "所有 Helm Chart 同步到法兰克福",
    sourceNamespace: "charts",
    resourceType: "all",
    target: "frankfurt",
  },
  {
    name: "platform-releases",
    description: "平台服务只同步最新的正式版本到法兰克福",
    sourceNamespace: "platform",
    resourceType: "image",
    target: "frankfurt",
    excludeTagPattern: ".*-(?:rc|beta).*",
    semverRange: ">=1.0",
    newestTags: 1,
  },
];

/** Makes the demo's rules where they are missing. Returns the ids of those that are enabled. */
export async function ensureRules(tx: Tx, ids: Record<PlaceKey, string>): Promise<string[]> {
  const [root] = await tx.select({ id: users.id }).from(users).where(eq(users.role, "root")).limit(1);
  const enabled: string[] = [];
  for (const { target, ...rule } of RULES) {
    const place = and(eq(rules.sourceInstanceId, ids.shanghai), eq(rules.name, rule.name));
    const [known] = await tx.select({ id: rules.id, enabled: rules.enabled }).from(rules).where(place);
    const ruleId = known?.id ?? uuidv7();
    if (known === undefined) {
      const by = { createdBy: root?.id ?? null, updatedBy: root?.id ?? null };
      await tx.insert(rules).values({ id: ruleId, sourceInstanceId: ids.shanghai, ...rule, ...by });
      const place = { id: uuidv7(), ruleId, instanceId: ids[target], namespace: null };
      await tx.insert(ruleTargets).values({ ...place, setBy: root?.id ?? null });
    }
    if (known?.enabled !== false) {
      enabled.push(ruleId);
    }
  }
  return enabled;
}
