import { expect, test } from "vitest";
import { ContentError, RegistryError, TransportError } from "../registry/errors.ts";
import type { Side } from "../schemas/task.ts";
import { DestinationError } from "./destination.ts";
import { CopyError } from "./errors.ts";
import { failureFact, failureReason } from "./failure.ts";
import { VerifyError } from "./verify/verify-error.ts";

const request = { method: "PUT", url: "https://user:pw@host/v2/app/manifests/v1?sig=abc#x" };

function refused(status: number, code: RegistryError["code"], detail = "", side: Side = "target"): CopyError {
  return new CopyError(
    "push-manifest",
    side,
    "sha256:a",
    new RegistryError({ ...request, status, code, detail }),
  );
}

test("a failure is facts, without user, query or credentials", () => {
  const detail =
    'see https://u:p@s3/x?X-Amz-Signature=1, got Authorization: "Bearer abcdef123456" token=hush\nover';
  expect(failureFact(refused(403, "DENIED", detail))).toEqual({
    code: "DENIED",
    side: "target",
    httpStatus: 403,
    registryMessage: "see https://s3/x got Authorization: … token=… over",
    request: "PUT https://host/v2/app/manifests/v1",
    digest: "sha256:a",
  });
});

test("each class of error tells what it knows", () => {
  const timeout = new CopyError(
    "fetch-blob",
    "source",
    undefined,
    new TransportError("TIMEOUT", request, "no answer in 30 s"),
  );
  expect(failureFact(timeout)).toMatchObject({
    code: "TIMEOUT",
    side: "source",
    httpStatus: null,
    registryMessage: "no answer in 30 s",
  });
  const content = new CopyError(
    "fetch-blob",
    "source",
    "sha256:a",
    new ContentError("DIGEST_MISMATCH", "sha256:a", "sha256:b"),
  );
  expect(failureFact(content)).toMatchObject({
    code: "DIGEST_MISMATCH",
    registryMessage: "expected sha256:a, got sha256:b",
  });
  expect(failureFact(new DestinationError("A/b"))).toMatchObject({
    code: "NAME_INVALID",
    side: "target",
    registryMessage: "A/b",
  });
  expect(failureFact(new TypeError("password=hunter2"))).toMatchObject({
    code: "UNKNOWN",
    registryMessage: null,
  });
  expect(failureFact(refused(500, "UNKNOWN", "x".repeat(5_000))).registryMessage).toHaveLength(1_024);
});

test.each<[CopyError, string]>([
  [refused(412, "UNKNOWN"), "immutable-tag"],
  [refused(403, "DENIED", "tag is immutable"), "immutable-tag"],
  [
    refused(409, "UNKNOWN", "TagInvalid: cannot be overwritten because the repository is immutable"),
    "immutable-tag",
  ],
  [refused(500, "UNKNOWN", "write: no space left on device"), "no-space"],
  [refused(413, "DENIED", "adding 5 MiB will exceed the storage quota"), "quota"],
  [
    refused(
      412,
      "DENIED",
      "adding 5 MiB of storage resource will exceed the configured upper limit of 10 MiB",
    ),
    "quota",
  ],
  [refused(507, "UNKNOWN"), "no-space"],
  [refused(413, "UNKNOWN", "<html>Request Entity Too Large"), "too-large"],
  [refused(403, "UNKNOWN"), "denied"],
  [refused(403, "DENIED", "", "source"), "denied"],
  [refused(401, "UNAUTHORIZED"), "UNAUTHORIZED"],
  [refused(400, "DIGEST_INVALID"), "digest-mismatch"],
  [refused(404, "NAME_UNKNOWN"), "NAME_UNKNOWN"],
])("%s is %s", (error, reason) => {
  expect(failureReason(failureFact(error))).toBe(reason);
});

test("what lacks at a target after all is told by its digests, damage first", () => {
  const place = { repository: "team/app", tag: null, subject: null, mediaType: null, sizeBytes: null };
  const missing = { ...place, kind: "manifest", reason: "missing", digest: "sha256:a" } as const;
  const damaged = { ...place, kind: "blob", reason: "wrong-bytes", digest: "sha256:b" } as const;
  const fact = failureFact(new VerifyError([missing, damaged]));
  expect(fact).toEqual({
    ...{ code: "TARGET_DAMAGED", side: "target", httpStatus: null, request: null, digest: "sha256:b" },
    registryMessage: "manifest sha256:a missing; blob sha256:b wrong-bytes",
  });
  expect(failureReason(fact)).toBe("TARGET_DAMAGED");
  const many = Array.from({ length: 9 }, () => missing);
  expect(failureFact(new VerifyError(many)).registryMessage).toMatch(/; and 1 more$/);
  expect(new VerifyError([{ ...missing, kind: "tag", tag: "v1", reason: "other-digest" }]).code).toBe(
    "TAG_DIFFERS",
  );
});
