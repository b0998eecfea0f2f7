import { open, secretPlace } from "../secrets.ts";
import type { noticeAddresses } from "./schema/notices.ts";

/** Where the secrets of an address for notices are sealed; writers use it too. */
export const noticeSecretPlace = (addressId: string, field: "url" | "secret" | "previous-secret"): string =>
  secretPlace("notice_addresses", addressId, field);

type SealedAddress = Pick<
  typeof noticeAddresses.$inferSelect,
  "id" | "kind" | "urlSealed" | "secretSealed" | "previousSecretSealed" | "previousSecretUntil"
>;

/**
 * The only place that opens them. What it returns is never logged and never sent to a browser.
 * @param now by the database's clock: until when the signing secret before counts
 * @throws {SecretError} when they were sealed with another key, or tampered with
 */
export function openReceiver(
  address: SealedAddress,
  now: Date,
): { kind: SealedAddress["kind"]; url: string; secrets: string[] } {
  const { id, kind, urlSealed, secretSealed, previousSecretSealed, previousSecretUntil } = address;
  const overlaps = previousSecretSealed !== null && previousSecretUntil !== null && previousSecretUntil > now;
  return {
    kind,
    url: open(urlSealed, noticeSecretPlace(id, "url")),
    secrets: [
      ...(secretSealed === null ? [] : [open(secretSealed, noticeSecretPlace(id, "secret"))]),
      ...(overlaps ? [open(previousSecretSealed, noticeSecretPlace(id, "previous-secret"))] : []),
    ],
  };
}
