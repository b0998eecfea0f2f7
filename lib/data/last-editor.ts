import "server-only";
import { and, desc, eq } from "drizzle-orm";
import type { Permission } from "../auth/permissions.ts";
import type { Tx } from "../db/client.ts";
import { audit } from "../db/schema/audit.ts";

/** Who last changed something, by the audit log; `—` where that is forgotten. For whoever is told that somebody else was faster. */
export async function lastEditor(tx: Tx, subjectId: string, action: Permission): Promise<string> {
  const [last] = await tx
    .select({ actor: audit.actor })
    .from(audit)
    .where(and(eq(audit.subjectId, subjectId), eq(audit.action, action), eq(audit.outcome, "ok")))
    .orderBy(desc(audit.id))
    .limit(1);
  return last?.actor ?? "—";
}
