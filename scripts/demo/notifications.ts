import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Tx } from "../../lib/db/client.ts";
import { eventAddresses } from "../../lib/db/schema/events.ts";
import { hashToken, makeToken } from "../../lib/events/sender-proof.ts";
import { PLACES, type PlaceKey } from "./places.ts";

/** Where a demo registry tells of its pushes, and by what the console knows it. */
interface Notification {
  url: string;
  authorization: string;
}

/** Read at each push: the registries run before the console knows them. */
export function readNotification(dataDir: string, key: PlaceKey): Notification | null {
  const path = fileIn(dataDir);
  return existsSync(path)
    ? ((JSON.parse(readFileSync(path, "utf8")) as Partial<Record<PlaceKey, Notification>>)[key] ?? null)
    : null;
}

/** Gives each instance an event address, as its page does. Returns what the registries are to be told once that is committed. */
export async function ensureEventAddresses(
  tx: Tx,
  ids: Record<PlaceKey, string>,
  { dataDir, consoleOrigin }: { dataDir: string; consoleOrigin: string },
): Promise<Record<string, Notification>> {
  const notifications: Record<string, Notification> = {};
  for (const { key } of PLACES) {
    const authorization = readNotification(dataDir, key)?.authorization ?? `Bearer ${makeToken()}`;
    const token = authorization.slice("Bearer ".length);
    const address = {
      dialect: "distribution" as const,
      tokenHash: hashToken(token),
      tokenHint: token.slice(-4),
    };
    await tx
      .insert(eventAddresses)
      .values({ instanceId: ids[key], ...address })
      .onConflictDoUpdate({ target: eventAddresses.instanceId, set: address });
    notifications[key] = { url: `${consoleOrigin}/api/events/${ids[key]}`, authorization };
  }
  return notifications;
}

/** It holds tokens: readable by its owner only. */
export function writeNotifications(dataDir: string, notifications: Record<string, Notification>): void {
  const draft = `${fileIn(dataDir)}.new`;
  writeFileSync(draft, `${JSON.stringify(notifications, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, fileIn(dataDir));
}

function fileIn(dataDir: string): string {
  return join(dataDir, "notifications.json");
}
