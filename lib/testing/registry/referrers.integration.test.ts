import { afterEach, expect, test } from "vitest";
import { clientOf } from "../clients.ts";
import { image, layer } from "../content.ts";
import { startDockerRegistry } from "../docker-registry.ts";
import { orasAttach, orasReferrers } from "../oras-referrers.ts";
import { pushContent } from "../push-content.ts";
import { temporaryRegistry } from "./temporary-registry.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
});

test.each([
  ["our registry, by the API", () => temporaryRegistry(), 0],
  ["our registry without the API, by the tag schema", () => temporaryRegistry({ referrersApi: false }), 1],
  ["docker-registry, by the tag schema", () => startDockerRegistry(), 1],
])("oras attaches and discovers at %s", async (_name, start, fallbackTags) => {
  const registry = await start();
  cleanups.push(registry.stop);
  const at = clientOf(registry, { plainHttp: true });
  await pushContent(registry.origin, "team/app", "v1", image({ layers: [layer("app", 100)] }));
  await orasAttach(
    at,
    { repository: "team/app", tag: "v1" },
    { artifactType: "application/vnd.example.sbom", file: { name: "sbom.json", content: "{}" } },
  );
  expect(await orasReferrers(at, "team/app", "v1")).toHaveLength(1);
  const listed = await fetch(`${registry.origin}/v2/team/app/tags/list`);
  const { tags } = (await listed.json()) as { tags: string[] };
  expect(tags.filter((tag) => tag.startsWith("sha256-"))).toHaveLength(fallbackTags);
});
