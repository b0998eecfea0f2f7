import type { Fault, FaultRule } from "../../../lib/testing/fault-proxy/fault.ts";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import { REPOSITORY } from "./copy.ts";
import { isAbsent, uploadsOf } from "./oracle.ts";
import { fault, imageOf, layerOf, openScene } from "./scene.ts";
import { type CleanFail, failsClean, heals } from "./verdicts.ts";

const HTML = "<!doctype html><html><title>Sign in</title><body>Password?</body></html>";
const LOGIN_PAGE: Fault = {
  kind: "answer",
  status: 200,
  headers: { "content-type": "text/html; charset=utf-8" },
  body: HTML,
};
const MANIFESTS = /\/team\/app\/manifests\//;

type Rule = Pick<FaultRule, "method" | "path" | "digest" | "fault">;

/** Content that is spoiled once heals; spoiled each time it fails, and nothing of it is committed. */
async function onceAndAlways(
  trust: Trust,
  rule: (blobDigest: string) => Rule,
  expected: Pick<CleanFail, "code" | "key"> & Partial<CleanFail>,
): Promise<string> {
  const healing = await openScene(trust);
  const artifact = imageOf("spoiled");
  const { digest } = layerOf(artifact);
  await healing.push(artifact);
  healing.source.proxy.add({ ...rule(digest), nth: 1 });
  await heals(healing, artifact);
  const failing = await openScene(trust);
  await failing.push(artifact);
  failing.source.proxy.add(rule(digest));
  const told = await failsClean(failing, { side: "source", status: null, withinMs: 10_000, ...expected });
  await isAbsent(failing, REPOSITORY, digest);
  const commits = uploadsOf(failing, digest).filter(({ registryStatus }) => registryStatus === 201);
  meets(commits.length === 0, `${commits.length} commits of wrong bytes`);
  return `once: heals; each time: ${told}, 0 commits`;
}

const blobRule = (spoil: Fault) => (digest: string) => ({ method: "GET", digest, fault: spoil });
const sizeMismatch = { code: "SIZE_MISMATCH", key: "size-mismatch" } as const;
const digestMismatch = {
  code: "DIGEST_MISMATCH",
  key: "digest-mismatch",
  reason: "digest-mismatch",
} as const;

export const SOURCE_CONTENT: readonly TrustCase[] = [
  fault("FS06", "a body longer than declared", async (trust) => {
    const bytes = Buffer.from("and something more");
    const stated = await onceAndAlways(
      trust,
      blobRule({ kind: "append", bytes, stated: true }),
      sizeMismatch,
    );
    const unstated = blobRule({ kind: "append", bytes, stated: false });
    return `by its length: ${stated}; without a length: ${await onceAndAlways(trust, unstated, sizeMismatch)}`;
  }),

  fault("FS07", "the right length, one bit flipped", (trust) =>
    onceAndAlways(trust, blobRule({ kind: "flip", atByte: 4_000 }), digestMismatch),
  ),

  fault("FS08", "manifest bytes that are not the digest's", (trust) =>
    onceAndAlways(
      trust,
      () => ({ method: "GET", path: MANIFESTS, fault: { kind: "flip", atByte: 40 } }),
      digestMismatch,
    ),
  ),

  fault("FS09", "Docker-Content-Digest is absent, or lies", async (trust) => {
    const scene = await openScene(trust);
    const artifact = imageOf("fs09");
    await scene.push(artifact);
    const header = (value: string | undefined): Fault => ({
      kind: "rewrite",
      headers: () => ({ "docker-content-digest": value }),
    });
    scene.source.proxy.add({ path: MANIFESTS, fault: header(undefined) });
    scene.target.proxy.add({ path: MANIFESTS, fault: header(undefined) });
    await heals(scene, artifact);
    const lying = await openScene(trust);
    await lying.push(artifact);
    lying.source.proxy.add({ method: "GET", path: MANIFESTS, fault: header(`sha256:${"0".repeat(64)}`) });
    const told = await failsClean(lying, {
      ...{ ...digestMismatch, side: "source", status: null, withinMs: 10_000 },
    });
    return `absent at both ends: heals; a lie: ${told}`;
  }),

  fault("FS10", "200 with a login page, for a blob, a manifest and a list of tags", async (trust) => {
    const page = { code: "WEB_PAGE", key: "web-page", says: /a web page/ } as const;
    const blob = await onceAndAlways(trust, blobRule(LOGIN_PAGE), page);
    const manifest = await onceAndAlways(
      trust,
      () => ({ method: "GET", path: MANIFESTS, fault: LOGIN_PAGE }),
      page,
    );
    const { source } = await openScene(trust);
    source.proxy.add({ path: /tags\/list/, fault: LOGIN_PAGE });
    const list = await source.client
      .repository(REPOSITORY)
      .tags()
      [Symbol.asyncIterator]()
      .next()
      .catch((error: Error) => error);
    meets(list instanceof Error && /WEB_PAGE/.test(list.message), `the list of tags: ${list}`);
    return `blob: ${blob}; manifest: ${manifest}; list: WEB_PAGE`;
  }),

  fault("FS26", "a blob without Content-Length", async (trust) => {
    const scene = await openScene(trust);
    const artifact = imageOf("fs26");
    await scene.push(artifact);
    scene.source.proxy.add({ path: /\/(?:blobs|manifests)\//, fault: { kind: "chunked" } });
    await heals(scene, artifact);
    return "heals";
  }),

  fault("FS27", "a blob compressed on the way although nobody asked", async (trust) => {
    const scene = await openScene(trust);
    const artifact = imageOf("fs27");
    await scene.push(artifact);
    scene.source.proxy.add({ method: "GET", path: /\/blobs\//, fault: { kind: "gzip" } });
    await heals(scene, artifact);
    return "unpacked, whole";
  }),
];
