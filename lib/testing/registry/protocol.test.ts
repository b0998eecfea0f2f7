import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attachment, image, layer, MEDIA, sha256 } from "../content.ts";
import { pushContent } from "../push-content.ts";
import type { RunningRegistry } from "./server.ts";
import { temporaryRegistry } from "./temporary-registry.ts";

let registry: RunningRegistry;
beforeAll(async () => {
  registry = await temporaryRegistry({ pageSize: 2 });
});
afterAll(() => registry.stop());

const at = (path: string) => new URL(path, registry.origin);
const codeOf = async (response: Response) =>
  ((await response.json()) as { errors: { code: string }[] }).errors[0]?.code;

async function openUpload(repository: string): Promise<URL> {
  const opened = await fetch(at(`/v2/${repository}/blobs/uploads/`), { method: "POST" });
  expect(opened.status).toBe(202);
  return at(opened.headers.get("location") ?? "");
}

function closing(upload: URL, digest: string): URL {
  const url = new URL(upload);
  url.searchParams.set("digest", digest);
  return url;
}

async function pushBlob(repository: string, content: string): Promise<string> {
  const digest = sha256(content);
  const put = await fetch(closing(await openUpload(repository), digest), { method: "PUT", body: content });
  expect(put.status).toBe(201);
  return digest;
}

describe("uploads", () => {
  test("chunks are appended, a gap is refused with 416 and the range that is there", async () => {
    const upload = await openUpload("up/chunks");
    const patch = (body: string, range: string) =>
      fetch(upload, { method: "PATCH", body, headers: { "Content-Range": range } });
    const first = await patch("hello ", "0-5");
    expect([first.status, first.headers.get("range")]).toEqual([202, "0-5"]);
    const gap = await patch("world", "9-13");
    expect([gap.status, gap.headers.get("range"), await codeOf(gap)]).toEqual([416, "0-5", "RANGE_INVALID"]);
    const asked = await fetch(upload);
    expect([asked.status, asked.headers.get("range")]).toEqual([204, "0-5"]);
    expect((await patch("world", "6-10")).status).toBe(202);
    const digest = sha256("hello world");
    expect((await fetch(closing(upload, digest), { method: "PUT" })).status).toBe(201);
    expect(await (await fetch(at(`/v2/up/chunks/blobs/${digest}`))).text()).toBe("hello world");
  });

  test("other bytes than named are refused, and the session is gone", async () => {
    const upload = await openUpload("up/wrong");
    const put = await fetch(closing(upload, sha256("one")), { method: "PUT", body: "two" });
    expect([put.status, await codeOf(put)]).toEqual([400, "DIGEST_INVALID"]);
    expect(await codeOf(await fetch(upload))).toBe("BLOB_UPLOAD_UNKNOWN");
    expect((await fetch(at(`/v2/up/wrong/blobs/${sha256("one")}`))).status).toBe(404);
  });

  test("one POST with the digest is enough", async () => {
    const digest = sha256("at once");
    const url = at(`/v2/up/once/blobs/uploads/?digest=${digest}`);
    expect((await fetch(url, { method: "POST", body: "at once" })).status).toBe(201);
    expect((await fetch(at(`/v2/up/once/blobs/${digest}`), { method: "HEAD" })).status).toBe(200);
  });

  test("a cancelled session is unknown afterwards", async () => {
    const upload = await openUpload("up/cancel");
    expect((await fetch(upload, { method: "DELETE" })).status).toBe(204);
    expect((await fetch(upload)).status).toBe(404);
  });

  test("a mount is 201 where the blob is and 202 where it is not", async () => {
    const digest = await pushBlob("up/from", "shared");
    const mount = (from: string) =>
      fetch(at(`/v2/up/to/blobs/uploads/?mount=${digest}&from=${from}`), { method: "POST" });
    expect((await mount("up/nowhere")).status).toBe(202);
    expect((await mount("up/from")).status).toBe(201);
    expect((await fetch(at(`/v2/up/to/blobs/${digest}`))).status).toBe(200);
  });

  test("sha512 names are verified as such", async () => {
    const digest = `sha512:${createHash("sha512").update("long").digest("hex")}`;
    const upload = await openUpload("up/sha512");
    expect((await fetch(closing(upload, digest), { method: "PUT", body: "long" })).status).toBe(201);
    expect(await (await fetch(at(`/v2/up/sha512/blobs/${digest}`))).text()).toBe("long");
  });
});

test.each([
  ["bytes=2-4", 206, "cde", "bytes 2-4/6"],
  ["bytes=4-", 206, "ef", "bytes 4-5/6"],
  ["bytes=-2", 206, "ef", "bytes 4-5/6"],
  ["bytes=6-", 416, undefined, "bytes */6"],
  ["lines=1-2", 200, "abcdef", null],
])("a blob honours Range: %s", async (range, status, body, contentRange) => {
  const digest = await pushBlob("range/blob", "abcdef");
  const answer = await fetch(at(`/v2/range/blob/blobs/${digest}`), { headers: { Range: range } });
  expect([answer.status, answer.headers.get("content-range")]).toEqual([status, contentRange]);
  if (body !== undefined) {
    expect(await answer.text()).toBe(body);
  }
});

describe("manifests", () => {
  const put = (path: string, body: string, type: string = MEDIA.manifest) =>
    fetch(at(path), { method: "PUT", body, headers: { "Content-Type": type } });

  test("one that names what is not here is refused", async () => {
    const { manifest } = image({ layers: [layer("missing", 10)] });
    const answer = await put("/v2/m/refused/manifests/v1", manifest.bytes.toString());
    expect([answer.status, await codeOf(answer)]).toEqual([400, "MANIFEST_BLOB_UNKNOWN"]);
  });

  test("4 MiB are taken, one byte more is not", async () => {
    const limit = 4 * 1024 * 1024;
    const empty = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.index, manifests: [] });
    const taken = await put("/v2/m/large/manifests/v1", empty.padEnd(limit), MEDIA.index);
    expect(taken.status).toBe(201);
    const refused = await put("/v2/m/large/manifests/v2", empty.padEnd(limit + 1), MEDIA.index);
    expect([refused.status, await codeOf(refused)]).toEqual([413, "MANIFEST_INVALID"]);
  });

  test("a digest that does not fit, no JSON, and another media type are refused", async () => {
    const document = JSON.stringify({ mediaType: MEDIA.index, manifests: [] });
    const wrong = await put(`/v2/m/bad/manifests/${sha256("x")}`, document, MEDIA.index);
    expect(await codeOf(wrong)).toBe("DIGEST_INVALID");
    expect(await codeOf(await put("/v2/m/bad/manifests/v1", "{", MEDIA.index))).toBe("MANIFEST_INVALID");
    expect(await codeOf(await put("/v2/m/bad/manifests/v1", document))).toBe("MANIFEST_INVALID");
  });

  test("deleting a digest takes its tags along, deleting a tag leaves the digest", async () => {
    const artifact = image({ layers: [layer("deleted", 10)] });
    for (const tag of ["a", "b"]) {
      await pushContent(registry.origin, "m/deleted", tag, artifact);
    }
    const path = (reference: string) => at(`/v2/m/deleted/manifests/${reference}`);
    expect((await fetch(path("a"), { method: "DELETE" })).status).toBe(202);
    expect((await fetch(path(artifact.manifest.digest))).status).toBe(200);
    expect((await fetch(path(artifact.manifest.digest), { method: "DELETE" })).status).toBe(202);
    expect((await fetch(path("b"))).status).toBe(404);
  });
});

test("listings are cut into pages that Link leads through", async () => {
  const artifact = image({ layers: [layer("listed", 10)] });
  for (const tag of ["v3", "v1", "v2"]) {
    await pushContent(registry.origin, "list/tags", tag, artifact);
  }
  const first = await fetch(at("/v2/list/tags/tags/list?n=1000"));
  expect(await first.json()).toEqual({ name: "list/tags", tags: ["v1", "v2"] });
  expect(first.headers.get("link")).toBe('</v2/list/tags/tags/list?n=2&last=v2>; rel="next"');
  const second = await fetch(at("/v2/list/tags/tags/list?n=2&last=v2"));
  expect([await second.json(), second.headers.get("link")]).toEqual([
    { name: "list/tags", tags: ["v3"] },
    null,
  ]);
  const catalog = await fetch(at("/v2/_catalog?n=1&last=list/a"));
  expect(((await catalog.json()) as { repositories: string[] }).repositories).toEqual(["list/tags"]);
  expect(await codeOf(await fetch(at("/v2/no/such/tags/list")))).toBe("NAME_UNKNOWN");
});

test("referrers are listed by subject and filtered by type", async () => {
  const subject = image({ layers: [layer("subject", 10)] });
  await pushContent(registry.origin, "refs/app", "v1", subject);
  for (const artifactType of ["application/vnd.example.sbom", "application/vnd.example.signature"]) {
    const attached = attachment({ artifactType, content: artifactType, subject: subject.manifest });
    await pushContent(registry.origin, "refs/app", artifactType.slice(-4), attached);
  }
  const path = `/v2/refs/app/referrers/${subject.manifest.digest}`;
  const all = (await (await fetch(at(path))).json()) as { manifests: { artifactType: string }[] };
  expect(all.manifests).toHaveLength(2);
  const filtered = await fetch(at(`${path}?artifactType=application/vnd.example.sbom`));
  expect(filtered.headers.get("oci-filters-applied")).toBe("artifactType");
  const some = (await filtered.json()) as typeof all;
  expect(some.manifests.map(({ artifactType }) => artifactType)).toEqual(["application/vnd.example.sbom"]);
  const none = await fetch(at(`/v2/refs/app/referrers/${sha256("nobody")}`));
  expect([none.status, await none.json()]).toEqual([200, expect.objectContaining({ manifests: [] })]);
});

test("an interceptor may answer in the registry's place, once", async () => {
  const rude = await temporaryRegistry({
    intercept: ({ url, response, earlier }) => {
      if (url.pathname === "/v2/" && earlier === 0) {
        response.writeHead(503, { "Retry-After": "1" }).end();
        return "answered";
      }
      return undefined;
    },
  });
  try {
    expect((await fetch(`${rude.origin}/v2/`)).status).toBe(503);
    expect((await fetch(`${rude.origin}/v2/`)).status).toBe(200);
    expect(rude.accessLog().entries.map(({ status }) => status)).toEqual([503, 200]);
  } finally {
    await rude.stop();
  }
});
