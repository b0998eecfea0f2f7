import { afterEach, expect, test } from "vitest";
import { cosignTags, referrersTag } from "../../registry/digest-tag.ts";
import {
  type ClientRegistry,
  clientOf,
  manifestOf,
  skopeoDigest,
  skopeoListTags,
} from "../../testing/clients.ts";
import { attachment, image, index, layer } from "../../testing/content.ts";
import { startDockerRegistry } from "../../testing/docker-registry.ts";
import { orasAttach, orasReferrers, orasTree } from "../../testing/oras-referrers.ts";
import { pushContent } from "../../testing/push-content.ts";
import { temporaryRegistry } from "../../testing/registry/temporary-registry.ts";
import { runSync } from "../../testing/sync-command.ts";

// oras attaches at the source and discovers at the target: CNCF Distribution 2.8.3, which keeps the tag schema, and our own
// registry with the referrers API, in each direction.

interface End {
  origin: string;
  client: ClientRegistry;
  /** Writes so far. */
  writes(): Promise<number>;
}

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
});

async function start(api: boolean): Promise<End> {
  const server = await (api ? temporaryRegistry() : startDockerRegistry());
  cleanups.push(() => server.stop());
  return {
    origin: server.origin,
    client: clientOf(server, { plainHttp: true }),
    writes: async () => {
      const log = await server.accessLog();
      return log.count("PUT") + log.count("POST") + log.count("PATCH");
    },
  };
}

const run = (source: End, target: End, more: string[] = []) =>
  runSync([
    ...["--source", source.origin, "--source-plain-http", "--source-namespace", "team"],
    ...["--target", target.origin, "--target-plain-http", ...more],
  ]);

const attach = (at: End, tag: string, name: string) =>
  orasAttach(
    at.client,
    { repository: "team/app", tag },
    {
      artifactType: `application/vnd.example.${name}`,
      file: { name: `${name}.json`, content: `{"${name}":1}` },
    },
  );

const tree = (at: End, tag: string) => orasTree(at.client, "team/app", tag);

test.each([
  ["API → API", true, true],
  ["API → tag schema", true, false],
  ["tag schema → API", false, true],
  ["tag schema → tag schema", false, false],
])(
  "%s: oras discovers the same tree, and a second run writes nothing",
  async (_name, sourceApi, targetApi) => {
    const [source, target] = await Promise.all([start(sourceApi), start(targetApi)]);
    const parts = ["amd64", "arm64"].map((architecture) =>
      image({ layers: [layer(architecture, 500)], platform: { os: "linux", architecture } }),
    );
    await pushContent(source.origin, "team/app", "v1", index(parts));
    await attach(source, "v1", "sbom");
    await attach(source, "v1", "provenance");
    const part = parts[0]?.manifest.digest ?? "";
    await attach(source, part, "sbom");
    const [sbom = ""] = await orasReferrers(source.client, "team/app", part);
    await attach(source, sbom, "signature");

    const first = await run(source, target, ["--tag", "v.*"]);
    expect(first.stderr).toBe("");
    expect(first.summary).toMatchObject({ copied: 1, failed: 0, referrers: 4 });
    for (const subject of ["v1", part, sbom]) {
      expect(await tree(target, subject)).toEqual(await tree(source, subject));
    }
    // Type and digest of the SBOM, of its signature.
    expect((await tree(target, part)).map((way) => way.split(" ").length)).toEqual([1, 2, 3, 4]);
    const digestTags = (await skopeoListTags(target.client, "team/app")).filter((tag) => tag !== "v1");
    expect(digestTags).toHaveLength(targetApi ? 0 : 3);

    const before = await target.writes();
    const second = await run(source, target, ["--tag", "v.*"]);
    expect(second.summary).toMatchObject({ copied: 0, upToDate: 1, failed: 0, referrers: 0 });
    expect(await target.writes()).toBe(before);

    await attach(source, part, "late");
    expect((await run(source, target)).summary).toMatchObject({ copied: 0, upToDate: 1, referrers: 1 });
    expect(await tree(target, part)).toEqual(await tree(source, part));
  },
);

test("what oras attached at the target stays beside what comes along", async () => {
  const [source, target] = await Promise.all([start(true), start(false)]);
  const artifact = image({ layers: [layer("image", 500)] });
  for (const { origin } of [source, target]) {
    await pushContent(origin, "team/app", "v1", artifact);
  }
  await attach(source, "v1", "ours");
  await attach(target, "v1", "theirs");
  expect((await run(source, target)).summary).toMatchObject({ upToDate: 1, referrers: 1 });
  expect(await orasReferrers(target.client, "team/app", "v1")).toHaveLength(2);
  expect(await tree(target, "v1")).toContain("application/vnd.example.theirs");
});

test("cosign's tags come along whatever the expression says, or stay behind with --no-referrers", async () => {
  const [source, target, bare] = await Promise.all([start(false), start(false), start(false)]);
  const artifact = image({ layers: [layer("image", 500)] });
  const { digest } = artifact.manifest;
  await pushContent(source.origin, "team/app", "v1", artifact);
  await attach(source, "v1", "sbom");
  const [sig = "", att = ""] = cosignTags(digest);
  for (const tag of [sig, att]) {
    await pushContent(
      source.origin,
      "team/app",
      tag,
      attachment({ artifactType: "text/plain", content: tag }),
    );
  }
  const { summary, stdout } = await run(source, target, ["--tag", "v\\d"]);
  expect([summary?.copied, summary?.referrers, stdout]).toEqual([1, 3, expect.any(String)]);
  expect((await skopeoListTags(target.client, "team/app")).toSorted()).toEqual(
    [referrersTag(digest), sig, att, "v1"].toSorted(),
  );
  for (const tag of [sig, att]) {
    expect(await skopeoDigest(target.client, "team/app", tag)).toBe(
      (await manifestOf(source.client, "team/app", tag)).digest,
    );
  }
  const off = await run(source, bare, ["--no-referrers"]);
  expect(off.summary).toMatchObject({ copied: 1, referrers: 0 });
  expect(await skopeoListTags(bare.client, "team/app")).toEqual(["v1"]);
});
