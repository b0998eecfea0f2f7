import type { FailureKey } from "../../../lib/schemas/failure-key.ts";
import type { Fault } from "../../../lib/testing/fault-proxy/fault.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { uploadsOf } from "./oracle.ts";
import { fault, imageOf, layerOf, MIB, openScene } from "./scene.ts";
import { failsClean } from "./verdicts.ts";

interface Refusal {
  status: number;
  code: string;
  message: string;
  expected: string;
  key: FailureKey;
  reason?: string;
}

const QUOTA =
  "adding 1.0 MiB of storage resource, which when updated to current usage of 9.5 MiB will exceed the configured upper limit of 10.0 MiB.";

const REFUSALS: readonly Refusal[] = [
  {
    status: 401,
    code: "UNAUTHORIZED",
    message: "authentication required",
    expected: "UNAUTHORIZED",
    key: "credentials",
  },
  {
    status: 403,
    code: "DENIED",
    message: "requested access is denied",
    expected: "DENIED",
    key: "no-push",
    reason: "denied",
  },
  { status: 405, code: "UNSUPPORTED", message: "read-only", expected: "UNSUPPORTED", key: "unsupported" },
  {
    status: 413,
    code: "",
    message: "Request Entity Too Large",
    expected: "SIZE_INVALID",
    key: "too-large",
    reason: "too-large",
  },
  { status: 403, code: "DENIED", message: QUOTA, expected: "DENIED", key: "quota", reason: "quota" },
  {
    status: 412,
    code: "PROJECT_QUOTA",
    message: QUOTA,
    expected: "UNKNOWN",
    key: "quota",
    reason: "quota",
  },
];

export const TARGET_REFUSALS: readonly TrustCase[] = [
  fault("FT05", "the target's disk is full: 8 MiB for a layer of 20", async (trust) => {
    const scene = await openScene(trust, { target: { registry: { diskMib: 8 } } });
    const artifact = imageOf("ft05", 20 * MIB);
    await scene.push(artifact);
    const told = await failsClean(scene, {
      ...{ code: "UNKNOWN", side: "target", status: 500, key: "no-space", reason: "no-space" },
      ...{ says: /no space left on device/, withinMs: 10_000, alone: true },
    });
    const sent = uploadsOf(scene, layerOf(artifact).digest).length;
    meets(sent === 1, `the layer was sent ${sent} times to a full disk`);
    return `no-space, ${told}, sent once`;
  }),

  fault("FT11", "401, 403, 405, 413 and quotas, before and after the bytes", async (trust) => {
    const told: string[] = [];
    const scene = await openScene(trust);
    for (const method of ["POST", "PUT"]) {
      for (const { status, code, message, expected, key, reason } of REFUSALS) {
        scene.target.proxy.calm();
        const artifact = imageOf(`ft11-${method}-${status}-${key}`, 100_000);
        await scene.push(artifact);
        const { digest } = layerOf(artifact);
        const body =
          code === ""
            ? `<html><title>${message}</title></html>`
            : JSON.stringify({ errors: [{ code, message }] });
        const refuse: Fault = { kind: "answer", status, body };
        scene.target.proxy.add({ method, path: /\/team\/app\/blobs\/uploads\//, fault: refuse });
        const words = new RegExp(message.slice(0, 12), "i");
        await failsClean(scene, {
          ...{ code: expected, side: "target", status, key, reason, says: words, withinMs: 5_000 },
        });
        const sent = uploadsOf(scene, digest).length;
        meets(sent <= 1, `${status}: sent ${sent} times`);
        told.push(`${status} ${key}`);
      }
    }
    return `${told.slice(0, REFUSALS.length).join(", ")}; each sent once at most`;
  }),
];
