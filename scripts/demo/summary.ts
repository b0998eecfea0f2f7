import { readFileSync } from "node:fs";
import { asc, eq } from "drizzle-orm";
import { database } from "../../lib/db/client.ts";
import { transfers } from "../../lib/db/schema/transfers.ts";
import { formatBytes } from "../../lib/format/bytes.ts";
import { errorSentence, type FailureMessages } from "../../lib/format/error-sentence.ts";
import type { PlaceAddresses } from "./places.ts";
import type { WatchedTask } from "./watch.ts";

type TransferRecord = typeof transfers.$inferSelect;

/** Prints what a task brought where. Returns whether every transfer succeeded. */
export async function printTask(task: WatchedTask): Promise<boolean> {
  const rows = await database()
    .select()
    .from(transfers)
    .where(eq(transfers.taskId, task.id))
    .orderBy(asc(transfers.repository), asc(transfers.tag));
  const seconds = ((task.endedAt?.getTime() ?? 0) - (task.claimedAt?.getTime() ?? 0)) / 1000;
  console.log(
    `\n  #${task.number} ${task.ruleName} → ${task.targetName}: ${task.status} in ${seconds.toFixed(1)} s, ` +
      `${task.repositories} repositories, ${task.transfersCopied} tags copied, ${task.transfersUpToDate} up to date, ` +
      `${task.transfersSkipped} skipped, ${task.transfersFailed} failed`,
  );
  console.log(
    `     ${formatBytes(task.bytesCopied)} copied, ${formatBytes(task.bytesMounted)} mounted, ` +
      `${formatBytes(task.bytesSkipped)} there already`,
  );
  for (const [repository, ofRepository] of Map.groupBy(rows, (row) => row.repository)) {
    console.log(`     ${repository.padEnd(22)} ${ofRepository.map(word).join("  ")}`);
  }
  const failed = rows.filter(({ status }) => status === "failed");
  for (const row of failed) {
    console.log(`     ${row.repository}:${row.tag} failed: ${reasonOf(row)}`);
  }
  return task.status === "succeeded" && failed.length === 0 && rows.length > 0;
}

const MARKS: Partial<Record<TransferRecord["status"], string>> = {
  copied: "",
  "up-to-date": " (up to date)",
  skipped: " (skipped)",
  failed: " (failed)",
};

function word({ tag, status }: TransferRecord): string {
  return `${tag}${MARKS[status] ?? ` (${status})`}`;
}

function reasonOf({ failure, reason, tag }: TransferRecord): string {
  if (failure === null) {
    return reason ?? "unknown";
  }
  const path = new URL("../../messages/en/errors.json", import.meta.url);
  const messages = JSON.parse(readFileSync(path, "utf8")) as { failure: FailureMessages };
  const { title, advice } = errorSentence(failure, { tag }, "en", messages.failure);
  return [title, advice, failure.registryMessage ?? ""].filter((part) => part !== "").join(" · ");
}

/** How to look at the registries from outside. */
export function printAddresses(addresses: PlaceAddresses): void {
  const { shanghai, singapore, frankfurt } = addresses;
  const host = (origin: string) => new URL(origin).host;
  console.log(`
  registries: 上海 ${host(shanghai.origin)}   新加坡 ${host(singapore.origin)}   法兰克福 ${host(frankfurt.origin)} (${frankfurt.username} / ${frankfurt.password})
  pull one:   skopeo copy --src-tls-verify=false docker://${host(singapore.origin)}/commerce/cart:1.8.1 dir:/tmp/cart
  push one:   skopeo copy --src-tls-verify=false --dest-tls-verify=false docker://${host(shanghai.origin)}/commerce/cart:1.8.1 docker://${host(shanghai.origin)}/commerce/cart:2.0.0
              into 上海, and within seconds 新加坡 holds it too`);
}
