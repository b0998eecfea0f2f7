import "server-only";
import { type AnyColumn, type SQL, sql } from "drizzle-orm";
import type { Page } from "../schemas/task.ts";
import { isId } from "./visibility.ts";

/** A list's order: expressions that no row leaves null, the last of them unique, all in one direction. */
export interface Order {
  /** Names the order, so that a cursor of another one is not misread. */
  name: string;
  /** `cast` is the Postgres type of the expression, e.g. `text`, `uuid`. */
  by: readonly { expression: SQL; cast: "text" | "uuid" | "timestamptz" }[];
  direction: "asc" | "desc";
}

export interface PageRequest {
  after?: string | undefined;
  before?: string | undefined;
  size: number;
}

/** What a statement needs to read one page, and what turns its rows into that page. */
export interface PagePlan {
  where: SQL;
  orderBy: SQL;
  /** Which way that goes: before a cursor it is the other way round. */
  ascending: boolean;
  /** One more than the page holds: it tells whether there is a next one. */
  limit: number;
  /** The values that the cursor of a row is made of; select them as `key`. */
  key: SQL<string[]>;
  page<Row extends { key: string[] }>(rows: Row[]): Page<Row>;
}

/**
 * Pages by key, not by offset: the last page costs what the first does. A cursor that cannot be read, or that belongs to
 * another order, is the first page.
 */
export function planPage(order: Order, request: PageRequest): PagePlan {
  const before = request.after === undefined ? read(order, request.before) : null;
  const cursor = before ?? read(order, request.after);
  const backward = before !== null;
  const ascending = (order.direction === "asc") !== backward;
  const columns = sql.join(
    order.by.map(({ expression }) => expression),
    sql`, `,
  );
  return {
    where: cursor ? sql`(${columns}) ${ascending ? sql`>` : sql`<`} (${values(order, cursor)})` : sql`true`,
    orderBy: sql.join(
      order.by.map(({ expression }) => (ascending ? sql`${expression} asc` : sql`${expression} desc`)),
      sql`, `,
    ),
    ascending,
    limit: request.size + 1,
    key: sql<string[]>`array[${sql.join(
      order.by.map(({ expression }) => sql`(${expression})::text`),
      sql`, `,
    )}]`,
    page(rows) {
      const more = rows.length > request.size;
      const shown = rows.slice(0, request.size);
      if (backward) {
        shown.reverse();
      }
      const hasNext = backward || more;
      const hasPrevious = backward ? more : cursor !== null;
      return {
        rows: shown,
        next: hasNext ? write(order, shown.at(-1)) : null,
        previous: hasPrevious ? write(order, shown[0]) : null,
      };
    },
  };
}

function values(order: Order, cursor: readonly string[]): SQL {
  return sql.join(
    order.by.map(({ cast }, index) => sql`${cursor[index] ?? ""}::${sql.raw(cast)}`),
    sql`, `,
  );
}

function write(order: Order, row: { key: string[] } | undefined): string | null {
  return row ? Buffer.from(JSON.stringify([order.name, row.key])).toString("base64url") : null;
}

function read(order: Order, text: string | undefined): string[] | null {
  if (text === undefined) {
    return null;
  }
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return null;
  }
  if (!Array.isArray(json) || json[0] !== order.name || !Array.isArray(json[1])) {
    return null;
  }
  const key: unknown[] = json[1];
  const wellFormed =
    key.length === order.by.length && order.by.every(({ cast }, index) => fits(cast, key[index]));
  return wellFormed ? key.map(String) : null;
}

function fits(cast: "text" | "uuid" | "timestamptz", value: unknown): boolean {
  if (typeof value !== "string") {
    return false;
  }
  switch (cast) {
    case "text":
      return !value.includes("\u0000");
    case "uuid":
      return isId(value);
    case "timestamptz":
      return Number.isFinite(Date.parse(value));
  }
}

/**
 * The column holds this value, as a range. An order that begins with the column is then that of an index over both; told by `=`, the
 * planner forgets the column and may walk all rows in the order of what follows.
 */
export function holding(column: AnyColumn, value: string): SQL {
  return sql`${column} between ${value} and ${value}`;
}

/** `%term%` for ILIKE, its wildcards taken as characters. */
export function containing(term: string): string {
  return `%${term.replace(/[\\%_]/g, "\\$&").replaceAll("\u0000", "")}%`;
}

/** Counts beyond this are not worth the time: the page says "10 000+". */
export const COUNT_LIMIT = 10_000;
