import "server-only";
import { and, eq, ilike, inArray, or, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { grants } from "../db/schema/instances.ts";
import { users } from "../db/schema/people.ts";
import type { InstanceGrants } from "../schemas/instance.ts";
import type { Page } from "../schemas/task.ts";
import type { UserListQuery, UserRow } from "../schemas/user.ts";
import { containing, type Order, planPage } from "./cursor.ts";
import { notFound, requireId } from "./visibility.ts";

const BY_NAME: Order = {
  name: "name",
  direction: "asc",
  by: [
    { expression: sql`case ${users.role} when 'root' then '0' else '1' end`, cast: "text" },
    { expression: sql`${users.username}`, cast: "text" },
  ],
};

/** Users by name, root first, with what each holds. */
export async function listUsers(
  actor: Actor<"user:list">,
  query: Pick<UserListQuery, "q" | "after" | "before" | "size">,
): Promise<Page<UserRow>> {
  const plan = planPage(BY_NAME, query);
  const term = containing(query.q ?? "");
  const rows = await database()
    .select({ ...COLUMNS, key: plan.key })
    .from(users)
    .where(
      and(
        actor.holds === "all" ? undefined : sql`false`,
        plan.where,
        query.q ? or(ilike(users.username, term), ilike(users.displayName, term)) : undefined,
      ),
    )
    .orderBy(plan.orderBy)
    .limit(plan.limit);
  const page = plan.page(rows);
  return { ...page, rows: await withGrants(page.rows) };
}

/** @throws {AppError} NOT_FOUND */
export async function getUser(actor: Actor<"user:list">, userId: string): Promise<UserRow> {
  const rows = await database()
    .select(COLUMNS)
    .from(users)
    .where(eq(users.id, requireId(userId)));
  const [row] = actor.holds === "all" ? await withGrants(rows) : [];
  if (!row) {
    throw notFound();
  }
  return row;
}

/** What the user signs in with. @throws {AppError} NOT_FOUND */
export async function userNameOf(actor: Actor<"user:reset-password">, userId: string): Promise<string> {
  const [row] = await database()
    .select({ username: users.username })
    .from(users)
    .where(and(eq(users.id, requireId(userId)), actor.holds === "all" ? undefined : sql`false`));
  if (!row) {
    throw notFound();
  }
  return row.username;
}

/** No password hash among them. */
const COLUMNS = {
  id: users.id,
  username: users.username,
  displayName: users.displayName,
  role: users.role,
  disabledAt: users.disabledAt,
  createdAt: users.createdAt,
  lastSignInAt: users.lastSignInAt,
};

type StoredUser = Pick<typeof users.$inferSelect, keyof typeof COLUMNS>;

async function withGrants(rows: StoredUser[]): Promise<UserRow[]> {
  const held = new Map<string, Record<string, InstanceGrants>>(rows.map(({ id }) => [id, {}]));
  if (rows.length > 0) {
    const cells = await database()
      .select()
      .from(grants)
      .where(
        inArray(
          grants.userId,
          rows.map(({ id }) => id),
        ),
      );
    for (const { userId, instanceId, level, receive } of cells) {
      const ofUser = held.get(userId);
      if (ofUser) {
        ofUser[instanceId] = { level, receive };
      }
    }
  }
  return rows.map((row) => ({
    id: row.id,
    username: row.username,
    displayName: row.displayName,
    role: row.role,
    disabledAt: row.disabledAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    lastSignInAt: row.lastSignInAt?.toISOString() ?? null,
    grants: held.get(row.id) ?? {},
  }));
}
