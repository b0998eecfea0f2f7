import type { FailureKey } from "../../../lib/schemas/failure-key.ts";
import { failureFact } from "../../../lib/sync/failure.ts";
import { createTestCa, type TestCa } from "../../../lib/testing/certificates.ts";
import type { Fault, FaultLogEntry } from "../../../lib/testing/fault-proxy/fault.ts";
import { startFaultProxy } from "../../../lib/testing/fault-proxy/fault-proxy.ts";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import { fault, imageOf, openScene } from "./scene.ts";
import { failsClean, heals, isTold, isWhole } from "./verdicts.ts";

const ACCOUNT = { username: "robot", password: "secret-1" };

/** A certificate that is not to be trusted. @returns what was said */
async function distrusts(
  trust: Trust,
  ca: TestCa,
  { key, names, days, known = true }: { key: FailureKey; names?: string[]; days?: number; known?: boolean },
): Promise<string> {
  const certificate = await ca.issue({ names: names ?? ["IP:127.0.0.1"], days: days ?? 30 });
  const client = known ? { caCertificate: ca.certificate } : {};
  const scene = await openScene(trust, { source: { proxy: { tls: certificate }, client } });
  await scene.push(imageOf("tls", 2_000));
  const told = await failsClean(scene, {
    ...{ code: "TLS", side: "source", status: null, key, withinMs: 5_000, alone: true },
  });
  const dialled = scene.source.proxy.connections();
  meets(dialled === 1, `${key}: dialled ${dialled} times`);
  return `${key}: ${told}`;
}

async function tokenTrouble(trust: Trust, answer: Fault, key: FailureKey, status: number): Promise<string> {
  const scene = await openScene(trust, {
    source: { proxy: { tokens: ACCOUNT }, client: { retries: 3 } },
  });
  await scene.push(imageOf("token", 2_000));
  scene.source.proxy.add({ path: /^\/token/, fault: answer });
  const code = status === 200 ? "UNAUTHORIZED" : "TOKEN_SERVER";
  return failsClean(scene, { code, side: "source", status, key, withinMs: 5_000, alone: true });
}

export const SOURCE_ACCESS: readonly TrustCase[] = [
  fault("FS17", "the name of the source cannot be resolved", async (trust) => {
    const scene = await openScene(trust, {
      source: { client: { address: "http://registry.invalid:5000" } },
    });
    const expected = { code: "DNS", side: "source", status: null, key: "dns" } as const;
    return failsClean(scene, { ...expected, withinMs: 20_000, alone: true });
  }),

  fault("FS18", "TLS: expired, another name, an unknown authority; dialled once", async (trust) => {
    const ca = await createTestCa();
    trust.cleanup(ca.remove);
    const told = [
      await distrusts(trust, ca, { key: "tls-expired", days: -1 }),
      await distrusts(trust, ca, { key: "tls-name", names: ["DNS:elsewhere.example"] }),
      await distrusts(trust, ca, { key: "tls-issuer", known: false }),
    ];
    return told.join("; ");
  }),

  fault("FS19", "a token expires under 50 copies at once: one new one", async (trust) => {
    const scene = await openScene(trust, { source: { proxy: { tokens: ACCOUNT } } });
    const artifact = imageOf("fs19", 2_000);
    const tags = Array.from({ length: 50 }, (_, n) => `t${n}`);
    await scene.push(artifact, { tag: "first" });
    for (const tag of tags) {
      await scene.push(artifact, { tag });
    }
    await heals(scene, artifact, { tag: "first" });
    const { gate } = scene.source.proxy;
    const before = gate?.issued.length ?? 0;
    gate?.expireAll();
    await Promise.all(tags.map((tag) => scene.copy({ tag })));
    for (const tag of tags) {
      // Not while others are written: the registry itself answers 500 to a link that is half written.
      await isWhole(scene, artifact, { tag });
    }
    const refused = scene.source.proxy.log.filter(({ fault: what }) => what === "no-token").length;
    const bought = (gate?.issued.length ?? 0) - before;
    meets(bought === 1, `${bought} tokens were bought`);
    return `50/50 healed, ${refused} challenges, ${bought} new token`;
  }),

  fault("FS20", "the token server: 500, no token, two MiB", async (trust) => {
    const scene = await openScene(trust, { source: { proxy: { tokens: ACCOUNT } } });
    const artifact = imageOf("fs20", 2_000);
    await scene.push(artifact);
    scene.source.proxy.add({ path: /^\/token/, nth: 1, fault: { kind: "answer", status: 500 } });
    await heals(scene, artifact);
    const body = (text: string): Fault => ({ kind: "answer", status: 200, body: text });
    const failures = [
      await tokenTrouble(trust, { kind: "answer", status: 500 }, "token-server", 500),
      await tokenTrouble(trust, body("{}"), "token-server", 200),
      await tokenTrouble(trust, body(`{"token":"${"x".repeat(2 * 1024 * 1024)}"}`), "token-server", 200),
    ];
    return `500 once: heals; each time: ${failures.join("; ")}`;
  }),

  fault("FS21", "403 for one of 20 repositories: 19 succeed", async (trust) => {
    const scene = await openScene(trust);
    const artifact = imageOf("fs21", 2_000);
    const repositories = Array.from({ length: 20 }, (_, n) => `team/app${n}`);
    for (const repository of repositories) {
      await scene.push(artifact, { repository });
    }
    const denied = { errors: [{ code: "DENIED", message: "requested access to the resource is denied" }] };
    scene.source.proxy.add({
      path: /\/team\/app7\//,
      fault: { kind: "answer", status: 403, body: JSON.stringify(denied) },
    });
    const ends = await Promise.allSettled(
      repositories.map((repository) => heals(scene, artifact, { repository })),
    );
    const failed = ends.filter((end) => end.status === "rejected");
    meets(failed.length === 1, `${failed.length} of 20 failed`);
    const fact = failureFact(failed[0]?.reason);
    meets(fact.code === "DENIED" && fact.side === "source", `failed with ${fact.code} at the ${fact.side}`);
    isTold(fact, "no-pull");
    meets(/is denied/.test(fact.registryMessage ?? ""), "what the registry said is lost");
    return `19 succeed, one ${fact.code} ${fact.httpStatus}: ${fact.registryMessage}`;
  }),

  fault(
    "FS25",
    "307 to another host: followed, without Authorization; a loop ends at 5 hops",
    async (trust) => {
      const scene = await openScene(trust, { source: { proxy: { tokens: ACCOUNT } } });
      const store = await startFaultProxy(scene.source.registry.origin);
      trust.cleanup(store.stop);
      const artifact = imageOf("fs25");
      await scene.push(artifact);
      const away = ({ path }: FaultLogEntry): Fault => ({
        kind: "answer",
        status: 307,
        headers: { location: `${store.origin}${path}?signature=1` },
      });
      scene.source.proxy.add({ method: "GET", path: /\/blobs\//, fault: away });
      await heals(scene, artifact);
      const shown = store.log.filter(({ authorized }) => authorized).length;
      meets(
        store.log.length >= 2 && shown === 0,
        `${shown} of ${store.log.length} requests showed a credential`,
      );
      const looping = await openScene(trust);
      await looping.push(artifact);
      const round = ({ path }: FaultLogEntry): Fault => ({
        kind: "answer",
        status: 307,
        headers: { location: path },
      });
      looping.source.proxy.add({ method: "GET", path: /\/team\/app\/blobs\//, fault: round });
      const told = await failsClean(looping, {
        ...{ code: "REDIRECT_REFUSED", side: "source", status: null, key: "redirect", withinMs: 5_000 },
      });
      const reads = looping.source.proxy.log.filter(({ path }) => /\/team\/app\/blobs\//.test(path));
      const blobs = new Set(reads.map(({ path }) => path)).size;
      meets(reads.length <= 6 * blobs, `${reads.length} requests for ${blobs} blobs`);
      return `${store.log.length} blobs from elsewhere, 0 credentials shown; loop: ${told}`;
    },
  ),
];
