import type { Browser } from "@playwright/test";
import type { Client } from "pg";
import type { Cookie } from "../../measure/browser.ts";
import { signIn } from "../../measure/stage.ts";
import type { Stack } from "../../stack.ts";
import { onServer } from "./database.ts";
import { PEOPLE, RULES } from "./seed-size.ts";

/** A console on the seeded database, and what of it is measured. */
export interface Scene {
  readonly origin: string;
  readonly databaseUrl: string;
  readonly stack: Stack;
  readonly cookies: Readonly<Record<keyof typeof PEOPLE, Cookie>>;
  readonly ids: Ids;
  /** Cursors after which the last page of a list begins. */
  readonly last: { rules: string; rulesByTask: string; tasks: string; transfers: string };
}

interface Ids {
  hub: string;
  rules: Record<keyof typeof RULES, string>;
  /** The largest tasks that ended, and that runs. */
  ended: string;
  running: string;
}

/** Signs in, and looks up what is where. */
export async function openScene(browser: Browser, stack: Stack): Promise<Scene> {
  const { origin, databaseUrl } = stack;
  const found = await onServer(databaseUrl, async (client) => {
    const ids = await idsOf(client);
    return { ids, last: await lastPages(client, ids) };
  });
  const root = await signIn(browser, origin, PEOPLE.root);
  const viewer = await signIn(browser, origin, PEOPLE.viewer);
  return { origin, databaseUrl, stack, cookies: { root, viewer }, ...found };
}

async function one(client: Client, text: string, values: unknown[] = []): Promise<string> {
  const { rows } = await client.query<{ found: string }>({ text, values });
  return rows[0]?.found ?? "";
}

async function idsOf(client: Client): Promise<Ids> {
  const rule = (n: number) =>
    one(client, "select id as found from rules order by id offset $1 limit 1", [n - 1]);
  const largest = (ruleId: string) =>
    one(client, "select id as found from tasks where rule_id = $1 order by transfers_total desc limit 1", [
      ruleId,
    ]);
  const rules = {
    busy: await rule(RULES.busy),
    ended: await rule(RULES.ended),
    running: await rule(RULES.running),
  };
  return {
    hub: await one(client, "select source_instance_id as found from rules limit 1"),
    rules,
    ended: await largest(rules.ended),
    running: await largest(rules.running),
  };
}

/** Rows on the last page: a page holds 50. */
const REMAINING = 50;

/** The cursors that somebody has who went through all pages (lib/data/cursor.ts). */
async function lastPages(client: Client, { ended }: Ids): Promise<Scene["last"]> {
  const cursor = async (name: string, text: string, values: unknown[] = []) => {
    const { rows } = await client.query<{ key: string[] }>({
      text: `${text} offset ${REMAINING} limit 1`,
      values,
    });
    return Buffer.from(JSON.stringify([name, rows[0]?.key])).toString("base64url");
  };
  return {
    rules: await cursor("name", "select array[name, id::text] as key from rules order by name desc, id desc"),
    rulesByTask: await cursor(
      "-lastTask",
      `select array[coalesce(l.id, '00000000-0000-0000-0000-000000000000')::text, r.id::text] as key from rules r
       left join lateral (select id from tasks where rule_id = r.id order by id desc limit 1) l on true
       order by coalesce(l.id, '00000000-0000-0000-0000-000000000000'), r.id`,
    ),
    tasks: await cursor("tasks", "select array[id::text] as key from tasks order by id"),
    transfers: await cursor(
      "transfers",
      "select array[id::text] as key from transfers where task_id = $1 order by id desc",
      [ended],
    ),
  };
}
