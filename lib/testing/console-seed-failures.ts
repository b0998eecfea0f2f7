import type { transfers } from "../db/schema/transfers.ts";
import { digestOf } from "./console-seed-base.ts";

export type FailureFact = NonNullable<(typeof transfers.$inferInsert)["failure"]>;

interface Spec extends Partial<FailureFact> {
  code: string;
}

const fact = (spec: Spec): FailureFact => ({
  side: "target",
  httpStatus: null,
  registryMessage: null,
  request: null,
  digest: null,
  ...spec,
});

const SG = "https://registry.sg.example.com/v2";
const SH = "https://registry.sh.example.com/v2";

/** What real registries answer, word for word where it is known, and what a hostile one might. */
export const FAILURES = {
  quota: fact({
    code: "DENIED",
    httpStatus: 413,
    registryMessage:
      "adding 512.3 MiB of storage resource, which when updated to current usage of 99.8 GiB will exceed the configured upper limit of 100.0 GiB.",
    request: `PATCH ${SG}/trade/order-api/blobs/uploads/0f3c`,
    digest: digestOf("quota"),
    requestId: "7d3ae0f2-55d1-4f0e-a9a1-6f6b4a41d7a7",
  }),
  denied: fact({
    code: "DENIED",
    httpStatus: 403,
    registryMessage: "requested access to the resource is denied",
    request: `POST ${SG}/trade/pay-gateway/blobs/uploads/`,
  }),
  credentials: fact({
    code: "UNAUTHORIZED",
    httpStatus: 401,
    registryMessage: "authentication required",
    request: `GET ${SG}/`,
  }),
  damaged: fact({
    code: "TARGET_DAMAGED",
    registryMessage: `blob ${digestOf("damaged")} wrong-bytes`,
    digest: digestOf("damaged"),
  }),
  immutable: fact({
    code: "PRECONDITION",
    httpStatus: 412,
    registryMessage: "Failed to process request due to 'order-api:v1.8.0' configured as immutable.",
    request: `PUT ${SG}/trade/order-api/manifests/v1.8.0`,
  }),
  digest: fact({
    code: "DIGEST_MISMATCH",
    side: "source",
    request: `GET ${SH}/trade/cart/blobs/${digestOf("mismatch")}`,
    digest: digestOf("mismatch"),
  }),
  timeout: fact({ code: "TIMEOUT", request: `PUT ${SG}/trade/order-worker/blobs/uploads/77ab` }),
  connection: fact({
    code: "CONNECTION",
    registryMessage: "ECONNRESET",
    request: `PATCH ${SG}/trade/order-web/blobs/uploads/12`,
  }),
  rate: fact({
    code: "TOOMANYREQUESTS",
    side: "source",
    httpStatus: 429,
    registryMessage:
      "You have reached your pull rate limit. You may increase the limit by authenticating and upgrading.",
    request: `GET ${SH}/dockerhub/nginx/manifests/1.29`,
  }),
  gone: fact({
    code: "MANIFEST_UNKNOWN",
    side: "source",
    httpStatus: 404,
    registryMessage: "manifest unknown",
    request: `GET ${SH}/trade/cart/manifests/v0.9.1`,
  }),
  invalid: fact({
    code: "MANIFEST_INVALID",
    httpStatus: 400,
    registryMessage:
      "manifest invalid: unsupported media type application/vnd.docker.distribution.manifest.v1+prettyjws",
    request: `PUT ${SG}/trade/legacy/manifests/1`,
  }),
  broken: fact({
    code: "UNKNOWN",
    httpStatus: 502,
    registryMessage:
      "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>",
    request: `PUT ${SG}/trade/order-api/manifests/v1.9.2`,
  }),
  hostile: fact({
    code: "UNKNOWN",
    httpStatus: 500,
    registryMessage: `<script>alert("1")</script>\n\u202etfel ot thgir\u202c 🚀 مرحبا ${"x".repeat(600)}`,
    request: `PUT ${SG}/markup/${"very-long-".repeat(12)}name/manifests/latest`,
  }),
  source: fact({
    code: "UNAUTHORIZED",
    side: "source",
    httpStatus: 401,
    registryMessage: "unauthorized: invalid username or password",
    request: `GET ${SH}/_catalog?n=1000`,
  }),
} as const satisfies Record<string, FailureFact>;

export type FailureName = keyof typeof FAILURES;
