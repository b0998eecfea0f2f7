import { expect, test } from "vitest";
import { type FailedCheck, reasonOf } from "./connection-sentence.ts";

test.each<[FailedCheck["code"], FailedCheck["detail"], ReturnType<typeof reasonOf>]>([
  ["TLS", "CERT_HAS_EXPIRED", "tls-expired"],
  ["TLS", "certificate has expired", "tls-expired"],
  ["TLS", "unable to verify the first certificate", "tls-issuer"],
  ["TLS", "Hostname/IP does not match certificate's altnames", "tls-name"],
  ["TLS", "wrong version number", "TLS"],
  ["TLS", null, "TLS"],
  ["TIMEOUT", null, "TIMEOUT"],
  ["UNAUTHORIZED", "unauthorized to list catalog", "UNAUTHORIZED"],
  ["DENIED", "quota exceeded", "DENIED"],
  [null, null, "other"],
  ["SOMETHING_ELSE", null, "other"],
])("%s with %s is told as %s", (code, detail, reason) => {
  expect(reasonOf({ code, detail })).toBe(reason);
});
