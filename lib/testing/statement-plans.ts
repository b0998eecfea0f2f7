import { Client, type Pool, type PoolClient } from "pg";
import { database } from "../db/client.ts";

/** What one node of a plan read of a table. */
export interface TableRead {
  /** `Seq Scan`, `Index Scan`, `Bitmap Heap Scan` and so on. */
  node: string;
  table: string;
  index: string | null;
  /** Rows that it looked at, kept or not, in all of its loops. */
  rows: number;
}

export interface StatementPlan {
  text: string;
  /** Pages of 8 KiB that it touched, in memory or not. */
  buffers: number;
  reads: TableRead[];
}

interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  "Rows Removed by Index Recheck"?: number;
  "Shared Hit Blocks"?: number;
  "Shared Read Blocks"?: number;
  Plans?: PlanNode[];
}

/**
 * The plan of every statement that `run` sends, in the order of sending, as Postgres carries it out: what a query costs,
 * said without a clock. Statements that change something are carried out a second time and rolled back. `analyze` first:
 * a plan rests on what the planner knows.
 */
export async function plansOf(run: () => Promise<unknown>): Promise<StatementPlan[]> {
  const statements = await statementsOf(run);
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  try {
    const plans: StatementPlan[] = [];
    for (const { text, values } of statements.filter((statement) => PLANNED.test(statement.text))) {
      await client.query("begin");
      const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: PlanNode }] }>(
        `explain (analyze, buffers, timing off, format json) ${text}`,
        values,
      );
      await client.query("rollback");
      const plan = rows[0]?.["QUERY PLAN"][0].Plan;
      if (plan) {
        const buffers = (plan["Shared Hit Blocks"] ?? 0) + (plan["Shared Read Blocks"] ?? 0);
        plans.push({ text, buffers, reads: readsOf(plan) });
      }
    }
    return plans;
  } finally {
    await client.end();
  }
}

/** Rows of a table that statements looked at, one for each index or kind of scan. */
export function rowsRead(plans: readonly StatementPlan[], table: string): Record<string, number> {
  const rows: Record<string, number> = {};
  for (const read of plans.flatMap(({ reads }) => reads)) {
    if (read.table === table) {
      const way = read.index ?? read.node;
      rows[way] = (rows[way] ?? 0) + read.rows;
    }
  }
  return rows;
}

const PLANNED = /^\s*(?:select|with|insert|update|delete)\b/i;

interface Statement {
  text: string;
  values: unknown[];
}

/** What `run` sends over the connections of this process's pool. */
async function statementsOf(run: () => Promise<unknown>): Promise<Statement[]> {
  const pool = (database() as unknown as { $client: Pool }).$client;
  const statements: Statement[] = [];
  const watched = new Map<PoolClient, PoolClient["query"]>();
  const watch = (client: PoolClient) => {
    if (watched.has(client)) {
      return;
    }
    const query = client.query as (...args: unknown[]) => unknown;
    watched.set(client, client.query);
    client.query = ((...args: unknown[]) => {
      const [first, values] = args as [string | Partial<Statement>, unknown];
      const statement = typeof first === "string" ? { text: first } : first;
      const given = Array.isArray(values) ? values : (statement.values ?? []);
      statements.push({ text: statement.text ?? "", values: given });
      return query.apply(client, args);
    }) as PoolClient["query"];
  };
  pool.on("acquire", watch);
  try {
    await run();
    return statements;
  } finally {
    pool.off("acquire", watch);
    for (const [client, query] of watched) {
      client.query = query;
    }
  }
}

function readsOf(node: PlanNode): TableRead[] {
  const below = (node.Plans ?? []).flatMap(readsOf);
  const table = node["Relation Name"];
  if (table === undefined) {
    return below;
  }
  const index = node["Node Type"] === "Bitmap Heap Scan" ? bitmapIndex(node) : (node["Index Name"] ?? null);
  const each =
    node["Actual Rows"] +
    (node["Rows Removed by Filter"] ?? 0) +
    (node["Rows Removed by Index Recheck"] ?? 0);
  const rows = Math.round(each * node["Actual Loops"]);
  return [{ node: node["Node Type"], table, index, rows }, ...below];
}

/** A bitmap's index is named below it, below an `or` of several too. */
function bitmapIndex(node: PlanNode): string | null {
  for (const child of node.Plans ?? []) {
    const found = child["Index Name"] ?? bitmapIndex(child);
    if (found !== null) {
      return found;
    }
  }
  return null;
}
