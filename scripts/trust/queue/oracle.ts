import { sql } from "drizzle-orm";
import { database } from "../../../lib/db/client.ts";

/** Moves of a status as the database saw them: whoever wrote them, and whatever our code believes. */
export interface Moves {
  /** Those that the documented graph does not have. */
  readonly illegal: readonly string[];
  /** Tasks that ended while a transfer of theirs was open, and ended tasks that changed. */
  readonly wrong: readonly string[];
  /** A rule had so many tasks at work, and waiting, at once. */
  readonly mostActive: number;
  readonly mostPending: number;
  readonly count: number;
}

/** ARCHITECTURE.md, "States"; written down a second time on purpose. */
const GRAPH = `
  task pending scanning stopped
  task scanning running failed stopped nothing-matched
  task running succeeded partial failed stopped
  transfer pending running failed stopped
  transfer running pending copied up-to-date skipped failed stopped`;

/** Puts triggers on the tables of a fresh database that note every move of a status. */
export async function watchMoves(): Promise<void> {
  await database().execute(sql`
    create table trust_moves (
      kind text, id uuid, before text, after text, active int, pending int, wrong text, at timestamptz
    )`);
  await database().execute(sql`
    create function trust_task_moved() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' and old.ended_at is not null then
        if to_jsonb(new) <> to_jsonb(old) then
          insert into trust_moves values ('task', new.id, old.status, new.status, 0, 0, 'an ended task changed', clock_timestamp());
        end if;
        return new;
      end if;
      if tg_op = 'INSERT' or new.status <> old.status then
        insert into trust_moves select 'task', new.id, case tg_op when 'UPDATE' then old.status end, new.status,
          count(*) filter (where t.status in ('scanning', 'running')), count(*) filter (where t.status = 'pending'),
          case when new.status in ('succeeded', 'partial', 'failed', 'nothing-matched') and exists (
            select from transfers where task_id = new.id and status in ('pending', 'running')
          ) then new.status || ' while a transfer is open' end, clock_timestamp()
        from tasks t where t.rule_id = new.rule_id;
      end if;
      return new;
    end $$`);
  await database().execute(sql`
    create trigger trust_task_moved after insert or update on tasks for each row execute function trust_task_moved()`);
  await database().execute(sql`
    create function trust_transfer_moved() returns trigger language plpgsql as $$
    begin
      if tg_op = 'INSERT' or new.status <> old.status then
        insert into trust_moves values ('transfer', new.id, case tg_op when 'UPDATE' then old.status end, new.status, 0, 0, null, clock_timestamp());
      end if;
      return new;
    end $$`);
  await database().execute(sql`
    create trigger trust_transfer_moved after insert or update on transfers for each row execute function trust_transfer_moved()`);
}

export async function movesSeen(): Promise<Moves> {
  const allowed = new Set<string>(["task  pending", "transfer  pending"]);
  for (const line of GRAPH.trim().split("\n")) {
    const [kind, before, ...afters] = line.trim().split(" ");
    for (const after of afters) {
      allowed.add(`${kind} ${before} ${after}`);
    }
  }
  const { rows } = await database().execute<{ move: string; wrong: string | null; n: number }>(sql`
    select concat(kind, ' ', before, ' ', after) as move, wrong, count(*)::int as n
    from trust_moves group by 1, 2`);
  const most = await database().execute<{ active: number; pending: number }>(sql`
    select coalesce(max(active), 0) as active, coalesce(max(pending), 0) as pending from trust_moves`);
  return {
    illegal: rows
      .filter(({ move, wrong }) => wrong === null && !allowed.has(move))
      .map(({ move, n }) => `${move} (${n})`),
    wrong: rows.flatMap(({ wrong, n }) => (wrong === null ? [] : [`${wrong} (${n})`])),
    mostActive: most.rows[0]?.active ?? 0,
    mostPending: most.rows[0]?.pending ?? 0,
    count: rows.reduce((sum, { n }) => sum + n, 0),
  };
}
