import "server-only";
import { and, asc, eq, inArray, ne, or, type SQL, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database, type Tx } from "../db/client.ts";
import { deletions } from "../db/schema/deletions.ts";
import { rules } from "../db/schema/rules.ts";
import { sendJobs } from "../queue/boss.ts";
import { deletionStatesBefore } from "../queue/deletion-states.ts";
import { announceDeletions } from "../queue/live.ts";
import { DELETION, type DeletionJob } from "../queue/queues.ts";
import type { ConfirmDeletionsInput, UndoDeletionsInput } from "../schemas/deletion.ts";
import { BULK_LIMIT } from "../schemas/words.ts";
import { recordAudit } from "./audit.ts";
import { heldAt, notFound, requireId } from "./visibility.ts";

/** Tags that an audit row names. */
const NAMED = 20;

type Selection = UndoDeletionsInput["selection"] | ConfirmDeletionsInput["selection"];

/**
 * Keeps what is not deleted yet, or has what was deleted put back. A tag that was kept is somebody else's from then on: the rule
 * deletes it no more unless it brings it anew.
 * @returns how many; a worker puts back what is to be restored
 * @throws {AppError} NOT_FOUND
 */
export function undoDeletions(
  actor: Actor<"deletion:undo">,
  { ruleId, what, selection }: UndoDeletionsInput,
): Promise<{ done: number }> {
  return decide(actor, { ruleId, what }, async (tx) => {
    if (what === "keep") {
      const ids = await chosen(tx, ruleId, selection, inArray(deletions.state, deletionStatesBefore("kept")));
      await tx.execute(sql`
        delete from placed_tags p using deletions d
        where d.id = any (${sql.param(ids)}::uuid[]) and p.rule_target_id = d.rule_target_id
          and p.repository = d.repository and p.tag = d.tag`);
      return change(tx, actor, ids, { state: "kept", dueAt: null, jobId: null });
    }
    const undoable = and(
      eq(deletions.state, "deleted"),
      sql`${deletions.undoUntil} > now() and ${deletions.manifest} is not null`,
      sql`${deletions.restoreRequestedAt} is null`,
    );
    const ids = await chosen(tx, ruleId, selection, undoable);
    await wake(tx, ruleId);
    return change(tx, actor, ids, { restoreRequestedAt: sql`now()`, reason: null, failure: null });
  });
}

/**
 * Lets go what was held, after the rule's delay once more, or has what was refused tried again at once.
 * @throws {AppError} NOT_FOUND
 */
export function confirmDeletions(
  actor: Actor<"deletion:confirm">,
  { ruleId, what, selection }: ConfirmDeletionsInput,
): Promise<{ done: number }> {
  return decide(actor, { ruleId, what }, async (tx) => {
    if (what === "confirm") {
      const ids = await chosen(tx, ruleId, selection, eq(deletions.state, "held"));
      const delay = sql`(select make_interval(hours => deletion_delay_hours) from rules where id = ${ruleId})`;
      return change(tx, actor, ids, {
        state: "pending",
        reason: null,
        confirmedAt: sql`now()`,
        dueAt: sql`now() + ${delay}`,
      });
    }
    // What was moved by somebody else is theirs: trying again could not change that.
    const again = and(
      inArray(deletions.state, ["refused", "failed"]),
      or(sql`${deletions.reason} is null`, ne(deletions.reason, "moved")),
    );
    const ids = await chosen(tx, ruleId, selection, again);
    await wake(tx, ruleId);
    const fresh = { reason: null, failure: null, attempts: 0, attemptedAt: null };
    return change(tx, actor, ids, { ...fresh, state: "pending", dueAt: sql`now()` });
  });
}

interface Decision {
  ruleId: string;
  what: string;
}

/** Under the rule's row, with one audit row, and told to whoever looks at it. */
function decide(
  actor: Actor<"deletion:undo" | "deletion:confirm">,
  { ruleId, what }: Decision,
  run: (tx: Tx) => Promise<string[]>,
): Promise<{ done: number }> {
  return database().transaction(async (tx) => {
    const [rule] = await tx
      .select({ name: rules.name })
      .from(rules)
      .where(and(eq(rules.id, requireId(ruleId)), heldAt(rules.sourceInstanceId, actor.holds)))
      .for("no key update");
    if (!rule) {
      throw notFound();
    }
    const tags = await run(tx);
    const named = [...tags.slice(0, NAMED), ...(tags.length > NAMED ? ["…"] : [])];
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "rule", id: ruleId, name: rule.name },
      changes: { decision: { after: what }, number: { after: tags.length }, tags: { after: named } },
    });
    await announceDeletions(tx, ruleId);
    return { done: tags.length };
  });
}

/** Ids of the selection that may be decided about now; in their order, so that two decisions never wait for each other. */
async function chosen(
  tx: Tx,
  ruleId: string,
  selection: Selection,
  allowed: SQL | undefined,
): Promise<string[]> {
  const rows = await tx
    .select({ id: deletions.id })
    .from(deletions)
    .where(
      and(
        eq(deletions.ruleId, ruleId),
        "ids" in selection ? inArray(deletions.id, selection.ids) : eq(deletions.state, selection.state),
        allowed,
      ),
    )
    .orderBy(asc(deletions.id))
    .limit(BULK_LIMIT)
    .for("update");
  return rows.map(({ id }) => id);
}

type Changed = Parameters<ReturnType<Tx["update"]>["set"]>[0];

/** @returns what was changed, `repository:tag` */
async function change(tx: Tx, actor: Actor, ids: string[], set: Changed): Promise<string[]> {
  if (ids.length === 0) {
    return [];
  }
  const rows = await tx
    .update(deletions)
    .set({ ...set, decidedBy: actor.user.id, decidedAt: sql`now()`, updatedAt: sql`now()` })
    .where(inArray(deletions.id, ids))
    .returning({ repository: deletions.targetRepository, tag: deletions.tag });
  return rows.map(({ repository, tag }) => `${repository}:${tag}`);
}

async function wake(tx: Tx, ruleId: string): Promise<void> {
  const data: DeletionJob = { kind: "due", ruleId };
  await sendJobs(tx, DELETION, [{ data, group: { id: ruleId } }]);
}
