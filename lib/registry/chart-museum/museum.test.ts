import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { TestChartMuseum } from "../../testing/chart-museum/chart-museum.ts";
import { HELM, packagedChart, provenanceOf } from "../../testing/helm-chart.ts";
import { tar } from "../../testing/tar.ts";
import { allowAll } from "../egress.ts";
import { ContentError } from "../errors.ts";
import type { Content, Manifest } from "../repository.ts";
import { digestOf } from "../verify.ts";
import { MAX_ARCHIVE_BYTES } from "./archive.ts";
import { museumClient as client, scriptedServer, museumServer as server } from "./museum.testing.ts";
import { createChartMuseum } from "./museum.ts";

const account = { username: "robot", password: "s3cret:with@signs" };
const chart = { name: "web", version: "1.0.0+build.5", description: "a < b & c" };
const archive = packagedChart(chart);
const provenance = provenanceOf(chart, archive);

async function bytesOf(content: Content): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) {
    chunks.push(Uint8Array.from(chunk));
  }
  return Buffer.concat(chunks);
}

function json({ bytes }: Pick<Manifest, "bytes">) {
  return JSON.parse(Buffer.from(bytes).toString());
}

async function listed(pages: AsyncIterable<string[]>): Promise<string[]> {
  const names: string[] = [];
  for await (const page of pages) {
    names.push(...page);
  }
  return names;
}

describe("a chart repository as a registry", () => {
  test("charts are repositories below the namespace, versions are tags", async () => {
    const museum = await server({ account });
    await museum.store.putChart("team", archive, false);
    await museum.store.putChart("", packagedChart({ name: "root", version: "0.1.0" }), false);
    const registry = client(museum.address, account);
    expect(await listed(registry.repositories({ namespace: "team" }))).toEqual(["team/web"]);
    expect(await listed(registry.repositories())).toEqual(["root"]);
    expect(await listed(registry.repository("team/web").tags())).toEqual(["1.0.0_build.5"]);
    expect(await listed(registry.repository("team/none").tags())).toEqual([]);
    expect(await registry.repository("team/web").resolve("2.0.0")).toBeNull();
  });

  test("a version is what helm push makes of it: the archive itself, Chart.yaml as JSON, the provenance", async () => {
    const museum = await server();
    await museum.store.putChart("", archive, false);
    await museum.store.putProvenance("", provenance, false);
    const repository = client(museum.address).repository("web");
    const manifest = await repository.fetchManifest("1.0.0_build.5");
    expect(manifest.descriptor).toEqual(await repository.resolve("1.0.0_build.5"));
    const { config, layers, annotations } = json(manifest);
    expect(layers.map(({ mediaType }: { mediaType: string }) => mediaType)).toEqual([
      HELM.chart,
      HELM.provenance,
    ]);
    expect(await bytesOf(await repository.fetchBlob(layers[0]))).toEqual(archive);
    expect(await bytesOf(await repository.fetchBlob(layers[0], { from: 700 }))).toEqual(
      archive.subarray(700),
    );
    expect(await bytesOf(await repository.fetchBlob(layers[1]))).toEqual(provenance);
    const metadata = await bytesOf(await repository.fetchBlob(config));
    expect(metadata.toString()).toBe(
      '{"name":"web","version":"1.0.0+build.5","description":"a \\u003c b \\u0026 c","apiVersion":"v2","appVersion":"1.0.0+build.5","type":"application"}',
    );
    expect(annotations).toEqual({
      "org.opencontainers.image.created": "2024-01-01T00:00:00Z",
      "org.opencontainers.image.description": "a < b & c",
      "org.opencontainers.image.title": "web",
      "org.opencontainers.image.version": "1.0.0+build.5",
    });
  });

  test("its digest follows from archive and provenance alone, wherever it stands", async () => {
    const [one, other] = [
      await server(),
      await server({ contextPath: "/charts", chartUrl: "http://127.0.0.1:1" }),
    ];
    await one.store.putChart("", archive, false);
    await other.store.putChart("a/b", archive, false);
    other.setIndex(
      `entries: {web: [{version: 1.0.0+build.5, created: "2001-01-01T00:00:00Z", urls: ["${other.address}/a/b/charts/web-1.0.0+build.5.tgz"]}]}`,
    );
    const here = await client(one.address).repository("web").resolve("1.0.0_build.5");
    const there = await client(other.address).repository("a/b/web").resolve("1.0.0_build.5");
    expect(there).toEqual(here);
    await one.store.putProvenance("", provenance, false);
    expect(await client(one.address).repository("web").resolve("1.0.0_build.5")).not.toEqual(here);
  });

  test("by digest, as another process finds it", async () => {
    const museum = await server();
    for (const version of ["1.0.0", "1.1.0", "1.2.0"]) {
      await museum.store.putChart("", packagedChart({ name: "web", version }), false);
    }
    const named = await client(museum.address).repository("web").resolve("1.1.0");
    const again = client(museum.address).repository("web");
    const manifest = await again.fetchManifest(named?.digest ?? "");
    expect(json(manifest).annotations["org.opencontainers.image.version"]).toBe("1.1.0");
    await expect(again.fetchManifest(digestOf(archive))).rejects.toMatchObject({
      code: "MANIFEST_UNKNOWN",
      status: 404,
    });
  });
});

describe("an archive that is not what the index says", () => {
  async function reason(index: string, prepare: (museum: TestChartMuseum) => Promise<void> = async () => {}) {
    const museum = await server();
    await prepare(museum);
    museum.setIndex(index);
    const error = await client(museum.address)
      .repository("web")
      .resolve("1.0.0")
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ContentError);
    return error as ContentError;
  }
  const entry = (digest = "") =>
    `entries:\n  web:\n  - version: 1.0.0\n    digest: ${digest}\n    urls:\n    - charts/web-1.0.0.tgz\n`;
  const good = packagedChart({ name: "web", version: "1.0.0" });

  test("it is not there", async () => {
    expect((await reason(entry())).message).toMatch(
      /archive of web 1\.0\.0 where the index says, got 404 at http.*tgz/,
    );
  });

  test("another digest", async () => {
    const error = await reason(entry("b".repeat(64)), (museum) => museum.store.putChart("", good, false));
    expect([error.code, error.actual]).toEqual(["UNREADABLE_CHART", digestOf(good)]);
    expect(error.expected).toContain(`sha256:${"b".repeat(64)}`);
  });

  test.each([
    ["another chart", packagedChart({ name: "evil", version: "1.0.0" }), /got evil 1\.0\.0/],
    ["no chart", gzipSync(tar([{ path: "web/values.yaml", content: "" }])), /without Chart\.yaml/],
    ["no archive", Buffer.from("hello"), /incorrect header check/],
    ["no tar", gzipSync(Buffer.alloc(2048, "x")), /no archive/],
    [
      "a Chart.yaml that is none",
      gzipSync(tar([{ path: "web/Chart.yaml", content: "- a" }])),
      /without name/,
    ],
    ["broken YAML", gzipSync(tar([{ path: "web/Chart.yaml", content: 'name: "' }])), /no YAML/],
    ["an unpacked size that nobody needs", gzipSync(Buffer.alloc(101 * 1024 * 1024)), /bytes unpacked/],
  ])("%s", async (_name, bytes, expected) => {
    const file = await scriptedServer((request, response) => {
      response.statusCode = request.url.endsWith("/web.tgz") ? 200 : 404;
      response.end(request.url.endsWith("/web.tgz") ? bytes : "");
    });
    const error = await reason(
      `entries:\n  web:\n  - version: 1.0.0\n    urls:\n    - ${file.origin}/web.tgz\n`,
    );
    expect(error.message).toMatch(expected);
  });

  test("an archive without an end is given up", async () => {
    const file = await scriptedServer(({ url }, response) => {
      if (url.endsWith(".prov")) {
        response.writeHead(404).end();
        return;
      }
      const chunk = Buffer.alloc(1024 * 1024);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) {}
      };
      response.on("drain", more);
      more();
    });
    const error = await reason(
      `entries:\n  web:\n  - version: 1.0.0\n    urls:\n    - ${file.origin}/web.tgz\n`,
    );
    // Nothing that begins with zeros can be unpacked, so the size is what is noticed.
    expect([error.code, error.expected]).toEqual([
      "CHART_TOO_LARGE",
      `an archive of web 1.0.0 of at most ${MAX_ARCHIVE_BYTES} bytes`,
    ]);
  });
});

describe("where credentials go", () => {
  test("not to another host, nor to another port of this one, which the index names", async () => {
    // One that no other test has read: what is known of an archive is not read again.
    const unread = packagedChart({ name: "unread", version: "1.0.0" });
    const elsewhere = await server();
    await elsewhere.store.putChart("", unread, false);
    const museum = await server({ account, chartUrl: elsewhere.address });
    await museum.store.putChart("", unread, false);
    const repository = client(museum.address, account).repository("unread");
    const manifest = await repository.fetchManifest("1.0.0");
    await bytesOf(await repository.fetchBlob(json(manifest).layers[0]));
    expect(museum.requests.some(({ authorization }) => authorization !== undefined)).toBe(true);
    await expect.poll(() => elsewhere.requests.length).toBeGreaterThanOrEqual(3);
    expect(elsewhere.requests.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
  });

  test("nor where a request is sent on to, nor to whoever asks for them there", async () => {
    const thief = await scriptedServer((_request, response) => {
      response.writeHead(401, { "www-authenticate": 'Basic realm="give"' }).end();
    });
    const front = await scriptedServer(({ url, headers }, response) => {
      if (!headers.authorization) {
        response.writeHead(401, { "www-authenticate": 'Basic realm="charts"' }).end();
      } else {
        response.writeHead(302, { location: `${thief.origin}${url}` }).end();
      }
    });
    await expect(listed(client(front.origin, account).repositories())).rejects.toMatchObject({ status: 401 });
    expect(thief.requests.length).toBeGreaterThan(0);
    expect(thief.requests.filter(({ headers }) => headers.authorization)).toEqual([]);
  });

  test("a wrong password is refused by name, also where anybody may read", async () => {
    for (const anonymousGet of [false, true]) {
      const museum = await server({ account, anonymousGet });
      const check = client(museum.address, { ...account, password: "wrong" }).check();
      await (anonymousGet
        ? expect(check).resolves.toMatchObject({ canList: true })
        : expect(check).rejects.toMatchObject({ code: "UNAUTHORIZED" }));
    }
  });
});

test("a check tells an index from a web page, and from nobody", async () => {
  const page = await scriptedServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Welcome</title>");
  });
  await expect(client(page.origin).check()).rejects.toMatchObject({ code: "UNSUPPORTED" });
  expect(await client((await server()).address).check()).toMatchObject({
    canList: true,
    authentication: "anonymous",
  });
});

test.each([
  "ftp://a.example.com",
  "https://a.example.com?x=1",
  "https://me:secret@a.example.com",
  "http://a.example.com",
])("%s is no address of a chart repository", (address) => {
  expect(() => createChartMuseum({ address, plainHttp: false, egress: allowAll })).toThrow(TypeError);
});
