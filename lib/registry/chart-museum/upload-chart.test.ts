import { describe, expect, test } from "vitest";
import { packagedChart, provenanceOf } from "../../testing/helm-chart.ts";
import type { Descriptor } from "../descriptor.ts";
import type { Manifest, Repository } from "../repository.ts";
import { successors } from "../successors.ts";
import { museumClient, scriptedServer, museumServer as server } from "./museum.testing.ts";

const chart = { name: "web", version: "1.0.0" };
const archive = packagedChart(chart);
const provenance = provenanceOf(chart, archive);
const account = { username: "robot", password: "s3cret" };

function repository(address: string, name = "web"): Repository {
  return museumClient(address, { ...account, retries: 2 }).repository(name);
}

/** The chart as a source of its own has it. */
async function source(bytes = archive, proof: Buffer | null = provenance): Promise<Repository> {
  const museum = await server();
  await museum.store.putChart("", bytes, false);
  if (proof) {
    await museum.store.putProvenance("", proof, false);
  }
  return repository(museum.address);
}

/** What a copy does, without its looking first. */
async function push(from: Repository, to: Repository, tag = "1.0.0"): Promise<Manifest> {
  const manifest = await from.fetchManifest(tag);
  for (const blob of successors(manifest)) {
    await sendBlob(blob, from, to);
  }
  await to.pushManifest(manifest, { tag });
  return manifest;
}

async function sendBlob(blob: Descriptor, from: Repository, to: Repository): Promise<void> {
  const opened = await to.openUpload(blob);
  if (opened.kind === "upload") {
    await opened.upload.send(await from.fetchBlob(blob));
  }
}

describe("a chart that is pushed", () => {
  test.each([
    ["to the root", {}, "web", "/api/charts"],
    ["to a tenant", { account }, "a/b/web", "/api/a/b/charts"],
    [
      "below a context path",
      { account, anonymousGet: true, contextPath: "/museum" },
      "a/web",
      "/museum/api/a/charts",
    ],
  ] as const)(
    "%s arrives byte for byte, with its provenance, in one request",
    async (_name, options, name, path) => {
      const museum = await server(options);
      const target = repository(museum.address, name);
      const manifest = await push(await source(), target);
      const tenant = name.slice(0, -"web".length);
      expect(await museum.store.file(tenant, "web-1.0.0.tgz")).toEqual(archive);
      expect(await museum.store.file(tenant, "web-1.0.0.tgz.prov")).toEqual(provenance);
      // Known at once, and by whoever reads the index anew.
      expect(await target.resolve("1.0.0")).toEqual(manifest.descriptor);
      expect(await repository(museum.address, name).resolve("1.0.0")).toEqual(manifest.descriptor);
      const posts = museum.requests.filter(({ method, status }) => method === "POST" && status !== 401);
      expect(posts.map((request) => [request.path, request.status])).toEqual([[path, 201]]);
    },
  );

  test("to a server behind a proxy that takes its prefix away", async () => {
    const museum = await server();
    const proxy = await scriptedServer(async ({ method, url, headers, body }, response) => {
      if (!url.startsWith("/prefix/")) {
        response.writeHead(404).end();
        return;
      }
      const type = headers["content-type"];
      const answer = await fetch(`${museum.origin}${url.slice("/prefix".length)}`, {
        method,
        ...(method === "POST"
          ? { body: Uint8Array.from(body), headers: { "content-type": type ?? "" } }
          : {}),
      });
      response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
    });
    await push(await source(), repository(`${proxy.origin}/prefix`, "team/web"));
    expect(await museum.store.file("team", "web-1.0.0.tgz")).toEqual(archive);
  });

  test("replaces what stands there only when that was seen", async () => {
    const museum = await server();
    const older = packagedChart({ ...chart, description: "older" });
    await museum.store.putChart("", older, false);
    const target = repository(museum.address);
    expect(await target.resolve("1.0.0")).not.toBeNull();
    await push(await source(), target);
    expect(await museum.store.file("", "web-1.0.0.tgz")).toEqual(archive);
  });

  test.each([
    ["by an unsigned one: its signature goes with it", null, 404],
    ["by a signed one, which brings its own", provenance, 200],
  ])("a signed version is replaced %s", async (_name, proof, status) => {
    const museum = await server();
    const older = packagedChart({ ...chart, description: "older" });
    await museum.store.putChart("", older, false);
    await museum.store.putProvenance("", provenanceOf(chart, older), false);
    const target = repository(museum.address);
    const manifest = await push(await source(archive, proof), target);
    const signature = await fetch(`${museum.origin}/charts/web-1.0.0.tgz.prov`);
    expect([signature.status, (await signature.text()).includes("older")]).toEqual([status, false]);
    // What stands there is what was sent, for whoever compares.
    expect(await repository(museum.address).resolve("1.0.0")).toEqual(manifest.descriptor);
  });

  test("a version that came in between is a conflict, or ours already", async () => {
    const museum = await server();
    const target = repository(museum.address);
    expect(await target.resolve("1.0.0")).toBeNull();
    await museum.store.putChart("", packagedChart({ ...chart, description: "other" }), false);
    await expect(push(await source(), target)).rejects.toMatchObject({
      status: 409,
      detail: expect.stringMatching(/^immutable: .*already exists/),
    });
    const same = repository((await server()).address);
    expect(await same.resolve("1.0.0")).toBeNull();
    await push(await source(), same);
    await push(await source(), same);
  });

  test("a server that replaces nothing says so", async () => {
    const museum = await server({ allowForce: false });
    await museum.store.putChart("", packagedChart({ ...chart, description: "older" }), false);
    await expect(push(await source(), repository(museum.address))).rejects.toMatchObject({
      code: "DENIED",
      status: 409,
    });
  });

  test("a lost answer is asked about, not sent again", async () => {
    const museum = await server();
    const proxy = await scriptedServer(async ({ method, url, headers, body }, response) => {
      const type = headers["content-type"] ?? "";
      const answer = await fetch(`${museum.origin}${url}`, {
        method,
        ...(method === "POST" ? { body: Uint8Array.from(body), headers: { "content-type": type } } : {}),
      });
      if (method === "POST") {
        response.destroy();
        return;
      }
      response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
    });
    await push(await source(), repository(proxy.origin));
    expect(proxy.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
    expect(await museum.store.file("", "web-1.0.0.tgz")).toEqual(archive);
  });
});

describe("a manifest that is pushed", () => {
  test("before its archive names what is lacking", async () => {
    const museum = await server();
    const from = await source();
    const manifest = await from.fetchManifest("1.0.0");
    const [, layer, proof] = successors(manifest);
    await expect(repository(museum.address).pushManifest(manifest, { tag: "1.0.0" })).rejects.toMatchObject({
      code: "MANIFEST_BLOB_UNKNOWN",
      detail: `${layer?.digest} ${proof?.digest}`,
    });
    expect(museum.requests.filter(({ method }) => method === "POST")).toEqual([]);
  });

  test("that is no chart is refused", async () => {
    const museum = await server();
    const bytes = Buffer.from(
      '{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json"},"layers":[]}',
    );
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const manifest = { descriptor: { mediaType, digest: "", size: bytes.length }, bytes };
    await expect(repository(museum.address).pushManifest(manifest, { tag: "1" })).rejects.toMatchObject({
      code: "UNREADABLE_CHART",
      expected: "a Helm chart",
    });
  });
});
