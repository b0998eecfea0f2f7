import "server-only";
import { inArray } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import type { TaskRow } from "../schemas/task.ts";
import type { RegistryEnd } from "../schemas/transfer.ts";
import { holds } from "./visibility.ts";

/**
 * How the registries of a task are reached and by which account, by instance id: for sentences and for a command to try by
 * hand. Only of those that the actor may view; secrets are no part of it.
 */
export async function taskEnds(
  actor: Actor,
  task: Pick<TaskRow, "sourceInstance" | "targets">,
): Promise<Record<string, RegistryEnd>> {
  const ids = [task.sourceInstance.id, ...task.targets.map(({ instance }) => instance.id)].filter((id) =>
    holds(actor.view, id),
  );
  if (ids.length === 0) {
    return {};
  }
  const rows = await database()
    .select({
      id: instances.id,
      address: instances.address,
      plainHttp: instances.plainHttp,
      username: instances.username,
      caCertificate: instances.caCertificate,
    })
    .from(instances)
    .where(inArray(instances.id, ids));
  return Object.fromEntries(
    rows.map(({ id, address, plainHttp, username, caCertificate }) => [
      id,
      { host: new URL(address).host, plainHttp, username, privateCa: caCertificate !== null },
    ]),
  );
}
