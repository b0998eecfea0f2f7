import { randomUUID } from "node:crypto";
import type { Database } from "../db/client.ts";
import { noticeAddresses } from "../db/schema/notices.ts";

/** Seals as lib/secrets does; what is tested hands it in, for this folder does not open secrets. */
export type Seal = (plaintext: string, place: string) => string;

let counter = 0;

/** An address for notices, by default of the generic form and for everything. */
export async function insertNoticeAddress(
  db: Database,
  { url, secret, seal }: { url: string; secret?: string; seal: Seal },
  fields: Partial<typeof noticeAddresses.$inferInsert> = {},
): Promise<string> {
  const id = randomUUID();
  await db.insert(noticeAddresses).values({
    id,
    name: `address-${++counter}`,
    kind: "generic",
    urlSealed: seal(url, `notice_addresses|${id}|url`),
    urlHost: new URL(url).host,
    urlHint: url.slice(-4),
    secretSealed: secret === undefined ? null : seal(secret, `notice_addresses|${id}|secret`),
    secretHint: secret?.slice(-4) ?? null,
    locale: "en",
    ...fields,
  });
  return id;
}
