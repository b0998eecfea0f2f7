import { expect, onTestFinished, test } from "vitest";
import {
  type RecordedRequest,
  type ScriptedRegistry,
  scriptedRegistry,
} from "../testing/scripted-registry.ts";
import { OCI_INDEX, OCI_MANIFEST } from "./media-types.ts";
import { registryClient } from "./registry.testing.ts";
import type { Registry } from "./repository.ts";
import { digestOf } from "./verify.ts";

const SUBJECT = digestOf(Buffer.from("subject"));
const FALLBACK = `/v2/app/manifests/${SUBJECT.replace(":", "-")}`;
const API = `/v2/app/referrers/${SUBJECT}`;
const referrer = (name: string) => ({
  mediaType: OCI_MANIFEST,
  digest: digestOf(Buffer.from(name)),
  size: 2,
  artifactType: `application/vnd.example.${name}`,
});
const index = (...manifests: unknown[]) => ({ schemaVersion: 2, mediaType: OCI_INDEX, manifests });

type Reply = { status?: number; body?: unknown; type?: string; link?: string };

async function registryThat(
  reply: (request: RecordedRequest) => Reply,
): Promise<{ registry: Registry; server: ScriptedRegistry }> {
  const server = await scriptedRegistry((request, response) => {
    const { status = 200, body = "", type = OCI_INDEX, link } = reply(request);
    response.writeHead(status, { "content-type": type, ...(link === undefined ? {} : { link }) });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  onTestFinished(() => server.stop());
  const registry = registryClient(server.origin);
  return { registry, server };
}

const notFound: Reply = { status: 404, type: "text/plain", body: "404 page not found\n" };
const asked = (server: ScriptedRegistry) => server.requests.map(({ url }) => url);

test("the API is read page by page, each referrer once, the subject and blobs left out", async () => {
  const { registry, server } = await registryThat(({ url }) =>
    url.includes("last=")
      ? { body: index(referrer("b"), referrer("a"), { ...referrer("x"), mediaType: "text/plain" }) }
      : {
          body: index(referrer("a"), { ...referrer("a"), digest: SUBJECT }),
          link: `<${API}?last=a>; rel="next"`,
        },
  );
  expect(await registry.repository("app").referrers(SUBJECT)).toEqual({
    via: "api",
    referrers: [referrer("a"), referrer("b")],
  });
  expect(asked(server)).toEqual([API, `${API}?last=a`]);
});

test("an empty list is an answer: nothing else is asked", async () => {
  const { registry, server } = await registryThat(() => ({ body: { ...index(), manifests: null } }));
  expect(await registry.repository("app").referrers(SUBJECT)).toEqual({ via: "api", referrers: [] });
  expect(server.requests).toHaveLength(1);
});

test("a registry without the API is remembered, and the tag schema read instead", async () => {
  const { registry, server } = await registryThat(({ url }) =>
    url === FALLBACK ? { body: index(referrer("a")) } : notFound,
  );
  const app = registry.repository("app");
  expect(await app.referrers(SUBJECT)).toEqual({ via: "tag-schema", referrers: [referrer("a")] });
  expect(asked(server)).toEqual([API, FALLBACK]);
  expect(await registry.repository("web").referrers(SUBJECT)).toEqual({
    via: "tag-schema",
    referrers: [],
  });
  expect(asked(server).slice(2)).toEqual([FALLBACK.replace("app", "web")]);
  // The tag list has said that there is no such tag.
  await app.referrers(SUBJECT, { tagListed: false });
  expect(server.requests).toHaveLength(3);
});

test("questions at once wait for the first: a registry without the API is asked for it once", async () => {
  const { registry, server } = await registryThat(() => notFound);
  await Promise.all(
    ["a", "b", "c", "d"].map((name) => registry.repository(name).referrers(SUBJECT, { tagListed: false })),
  );
  expect(server.requests).toHaveLength(1);
});

test("a 404 in the words of the specification may speak of one repository alone", async () => {
  const { registry, server } = await registryThat(({ url }) =>
    url.startsWith("/v2/web/")
      ? { body: index(referrer("w")) }
      : { status: 404, type: "application/json", body: { errors: [{ code: "NAME_UNKNOWN" }] } },
  );
  await registry.repository("app").referrers(SUBJECT, { tagListed: false });
  await registry.repository("app").referrers(SUBJECT, { tagListed: false });
  expect(asked(server)).toEqual([API]);
  expect((await registry.repository("web").referrers(SUBJECT)).via).toBe("api");
});

test.each<[string, Reply]>([
  ["a web page for every route", { type: "text/html", body: "<!doctype html><title>Sign in</title>" }],
  ["JSON that is no index", { type: "application/json", body: { ok: true } }],
  ["401 to a reader who reads everything else", { status: 401, type: "text/plain", body: "no" }],
  ["405", { status: 405, body: "" }],
])("%s is no API", async (_what, reply) => {
  const { registry } = await registryThat(({ url }) =>
    url === FALLBACK ? { body: index(referrer("a")) } : reply,
  );
  expect(await registry.repository("app").referrers(SUBJECT)).toEqual({
    via: "tag-schema",
    referrers: [referrer("a")],
  });
});

test("a list that clients kept under the tag counts beside that of the API", async () => {
  const { registry } = await registryThat(({ url }) =>
    url === FALLBACK ? { body: index(referrer("old"), referrer("a")) } : { body: index(referrer("a")) },
  );
  const { via, referrers } = await registry.repository("app").referrers(SUBJECT, { tagListed: true });
  expect(via).toBe("api");
  expect(referrers).toEqual([referrer("a"), referrer("old")]);
});

test.each<[string, (request: RecordedRequest) => Reply, object]>([
  [
    "a digest that is a path",
    () => ({ body: index({ ...referrer("a"), digest: "sha256:../../x" }) }),
    { code: "UNREADABLE_MANIFEST" },
  ],
  [
    "a size below nothing",
    () => ({ body: index({ ...referrer("a"), size: -1 }) }),
    { code: "UNREADABLE_MANIFEST" },
  ],
  [
    "pages that go round in a circle",
    () => ({ body: index(), link: `<${API}>; rel="next"` }),
    { code: "REDIRECT_REFUSED" },
  ],
  [
    "a next page on another host",
    () => ({ body: index(), link: '<http://127.0.0.9:1/v2/x>; rel="next"' }),
    { code: "REDIRECT_REFUSED" },
  ],
  [
    "more than anybody attaches, over pages",
    ({ url }) => {
      const page = Number(new URL(url, "http://x").searchParams.get("page") ?? 0);
      const many = Array.from({ length: 6_000 }, (_, n) => ({
        mediaType: OCI_MANIFEST,
        digest: `sha256:${String(page * 6_000 + n).padStart(64, "0")}`,
        size: 1,
      }));
      return { body: index(...many), link: `<${API}?page=${page + 1}>; rel="next"` };
    },
    { code: "UNREADABLE_MANIFEST" },
  ],
])("refuses %s", async (_what, reply, error) => {
  const { registry } = await registryThat(reply);
  await expect(registry.repository("app").referrers(SUBJECT)).rejects.toMatchObject(error);
});
