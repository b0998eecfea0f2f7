import type { IncomingMessage } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { attachment, image, layer, MEDIA } from "../testing/content.ts";
import { pushContent } from "../testing/push-content.ts";
import type { Interception } from "../testing/registry/exchange.ts";
import { temporaryRegistry } from "../testing/registry/temporary-registry.ts";
import { cosignTags, referrersTag, subjectOfDigestTag } from "./digest-tag.ts";
import { referrerDescriptor } from "./referrer.ts";
import { registryClient } from "./registry.testing.ts";
import type { Repository } from "./repository.ts";

const subject = image({ layers: [layer("subject", 100)] });
const TAG = referrersTag(subject.manifest.digest);
const attached = (name: string) =>
  attachment({ artifactType: `application/vnd.example.${name}`, content: name, subject: subject.manifest });

interface Place {
  origin: string;
  repository: Repository;
}

async function place(
  hear: (interception: Interception, place: Place) => Promise<"answered" | undefined> = async () => undefined,
) {
  const found: Partial<Place> = {};
  const server = await temporaryRegistry({
    referrersApi: false,
    intercept: (interception) => hear(interception, found as Place),
  });
  onTestFinished(() => server.stop());
  const registry = registryClient(server.origin);
  await pushContent(server.origin, "app", "v1", subject);
  Object.assign(found, { origin: server.origin, repository: registry.repository("app") });
  return { ...(found as Place), server };
}

/** Pushes a referrer as a client does, and says how a list names it. */
async function push({ origin, repository }: Place, name: string) {
  const artifact = attached(name);
  await pushContent(origin, "app", `tag-${name}`, artifact);
  return referrerDescriptor(await repository.fetchManifest(artifact.manifest.digest));
}

const types = async ({ repository }: Place) =>
  (await repository.referrers(subject.manifest.digest)).referrers.map(({ artifactType }) => artifactType);
const typeOf = (name: string) => `application/vnd.example.${name}`;

/** Somebody else's list, put over whatever stands there. */
async function overwrite({ origin }: Place, manifests: unknown[], more: object = {}) {
  const body = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.index, manifests, ...more });
  const answer = await fetch(`${origin}/v2/app/manifests/${TAG}`, {
    method: "PUT",
    headers: { "content-type": MEDIA.index, "user-agent": "somebody-else" },
    body,
  });
  expect(answer.status).toBe(201);
}

test("names of digest tags", () => {
  const long = `sha512:${"ab".repeat(64)}`;
  expect(referrersTag(long)).toBe(`sha512-${"ab".repeat(32)}`);
  expect(subjectOfDigestTag(referrersTag(long))).toBeNull();
  expect(cosignTags(subject.manifest.digest).map(subjectOfDigestTag)).toEqual(
    Array(3).fill(subject.manifest.digest),
  );
  expect(subjectOfDigestTag(TAG)).toBe(subject.manifest.digest);
  expect(subjectOfDigestTag("v1")).toBeNull();
});

test("what stands in the list stays, byte for byte, and what is there is not added again", async () => {
  const at = await place();
  const [a, b] = [await push(at, "a"), await push(at, "b")];
  const theirs = { ...a, annotations: { theirs: "kept" }, "x-unknown": [1] };
  await overwrite(at, [theirs], { annotations: { list: "kept" } });
  await at.repository.addReferrers(subject.manifest.digest, [a, b]);
  const { bytes } = await at.repository.fetchManifest(TAG);
  expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({
    schemaVersion: 2,
    mediaType: MEDIA.index,
    manifests: [theirs, b],
    annotations: { list: "kept" },
  });
  const before = at.server.accessLog().count("PUT");
  await at.repository.addReferrers(subject.manifest.digest, [b, a]);
  expect(at.server.accessLog().count("PUT")).toBe(before);
});

test("many writers of one list of one process: all are in it", async () => {
  const at = await place();
  const names = Array.from({ length: 12 }, (_, n) => `n${n}`);
  const descriptors = await Promise.all(names.map((name) => push(at, name)));
  await Promise.all(descriptors.map((one) => at.repository.addReferrers(subject.manifest.digest, [one])));
  expect((await types(at)).toSorted()).toEqual(names.map(typeOf).toSorted());
});

const isOurs = ({ headers }: IncomingMessage) => headers["user-agent"] === "lockstep";

test("somebody else who writes over ours with what they read before is added to once more", async () => {
  let stolen = 0;
  const at = await place(async ({ method, url, request, response }, here) => {
    if (method === "PUT" && url.pathname.endsWith(TAG) && isOurs(request) && stolen < 2) {
      stolen += 1;
      const theirs = await push(here, `theirs${stolen}`);
      // After ours has landed and before we look again: they have not seen it.
      const end = response.end.bind(response);
      response.end = ((...args: []) => {
        void overwrite(here, [theirs]).then(() => end(...args));
        return response;
      }) as typeof response.end;
    }
    return undefined;
  });
  const ours = await push(at, "ours");
  await at.repository.addReferrers(subject.manifest.digest, [ours]);
  expect(stolen).toBe(2);
  expect(await types(at)).toEqual(expect.arrayContaining([typeOf("ours"), typeOf("theirs2")]));
});

test("a list that somebody writes over each time is given up after some tries, with an error", async () => {
  const at = await place(async ({ method, url, request, response }, here) => {
    if (method === "PUT" && url.pathname.endsWith(TAG) && isOurs(request)) {
      const end = response.end.bind(response);
      response.end = ((...args: []) => {
        void overwrite(here, []).then(() => end(...args));
        return response;
      }) as typeof response.end;
    }
    return undefined;
  });
  const ours = await push(at, "ours");
  await expect(at.repository.addReferrers(subject.manifest.digest, [ours])).rejects.toMatchObject({
    code: "UNREADABLE_MANIFEST",
  });
});

test("a registry that cannot read a child at this moment, and says that the digest is wrong, is asked again", async () => {
  let refused = 0;
  const at = await place(async ({ method, url, request, response }) => {
    if (method === "PUT" && url.pathname.endsWith(TAG) && isOurs(request) && refused < 2) {
      refused += 1;
      request.resume();
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ errors: [{ code: "DIGEST_INVALID", message: "did not match" }] }));
      return "answered";
    }
    return undefined;
  });
  const ours = await push(at, "ours");
  await at.repository.addReferrers(subject.manifest.digest, [ours]);
  expect([refused, await types(at)]).toEqual([2, [typeOf("ours")]]);
});

test("a tag that names something else than a list is left alone", async () => {
  const at = await place();
  const ours = await push(at, "ours");
  await pushContent(at.origin, "app", TAG, image({ layers: [layer("else", 10)] }));
  await expect(at.repository.addReferrers(subject.manifest.digest, [ours])).rejects.toMatchObject({
    code: "UNREADABLE_MANIFEST",
  });
  expect(await types(at)).toEqual([]);
});

test("who lost the right to write is asked before the list is written", async () => {
  const at = await place();
  const ours = await push(at, "ours");
  const lost = new Error("lost");
  const adding = at.repository.addReferrers(subject.manifest.digest, [ours], {
    beforeTag: () => Promise.reject(lost),
  });
  await expect(adding).rejects.toBe(lost);
  expect(await types(at)).toEqual([]);
});
