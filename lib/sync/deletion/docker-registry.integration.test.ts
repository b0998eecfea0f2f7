import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRegistry } from "../../registry/remote-registry.ts";
import type { Registry } from "../../registry/repository.ts";
import { image, layer } from "../../testing/content.ts";
import { type DockerRegistry, startDockerRegistry } from "../../testing/docker-registry.ts";
import { pushContent } from "../../testing/push-content.ts";
import { deleteTag } from "./delete-tag.ts";
import { prepareDeletion } from "./prepare-deletion.ts";
import { restoreTag } from "./put-back.ts";
import { SharedDigests } from "./sharing.ts";
import { sightingsOf } from "./source-sighting.ts";

const signal = new AbortController().signal;
const small = (seed: string) => image({ layers: [layer(seed, 2_000)] });

let enabled: DockerRegistry;
let disabled: DockerRegistry;
const registries: Registry[] = [];
beforeAll(async () => {
  [enabled, disabled] = await Promise.all([startDockerRegistry(), startDockerRegistry({ deletes: false })]);
});
afterAll(async () => {
  await Promise.all(registries.map((registry) => registry.close()));
  await Promise.all([enabled?.stop(), disabled?.stop()]);
});

function repositoryAt(server: DockerRegistry, name: string) {
  const registry = createRegistry({
    address: server.origin,
    vendor: "distribution",
    plainHttp: true,
    egress: { allows: () => true },
  });
  registries.push(registry);
  return registry.repository(name);
}

async function ready(server: DockerRegistry, name: string, tag: string, digest: string) {
  const target = repositoryAt(server, name);
  const how = { shared: new SharedDigests(target), signal };
  const prepared = await prepareDeletion(target, { tag, digest }, how);
  if (prepared.kind !== "ready") {
    throw new Error(prepared.kind);
  }
  return { target, prepared, how };
}

describe("a real docker-registry", () => {
  test("deletes by digest, puts back byte for byte, and is seen as gone meanwhile", async () => {
    const digest = await pushContent(enabled.origin, "a/app", "1.0", small("one"));
    await pushContent(enabled.origin, "a/app", "2.0", small("two"));
    const { target, prepared, how } = await ready(enabled, "a/app", "1.0", digest);
    expect(await deleteTag(target, { tag: "1.0", digest }, prepared, how)).toEqual({ kind: "deleted" });
    expect(await sightingsOf(target, signal)("1.0")).toEqual({ kind: "gone" });
    expect(await sightingsOf(target, signal)("2.0")).toMatchObject({ kind: "there" });

    expect(await restoreTag(target, "1.0", prepared.manifest, { signal })).toBe("restored");
    expect((await target.fetchManifest("1.0", { signal })).descriptor.digest).toBe(digest);
  });

  test("refuses what two tags share: by digest it would take both", async () => {
    const digest = await pushContent(enabled.origin, "b/app", "1.0", small("shared"));
    await pushContent(enabled.origin, "b/app", "latest", small("shared"));
    const { target, prepared, how } = await ready(enabled, "b/app", "1.0", digest);
    const answer = await deleteTag(target, { tag: "1.0", digest }, prepared, how);
    expect(answer).toEqual({ kind: "refused", reason: "shared-digest" });
    expect(await target.resolve("1.0", { signal })).not.toBeNull();
  });

  test("with deleting switched off it is refused as not supported", async () => {
    const digest = await pushContent(disabled.origin, "a/app", "1.0", small("one"));
    const { target, prepared, how } = await ready(disabled, "a/app", "1.0", digest);
    const answer = await deleteTag(target, { tag: "1.0", digest }, prepared, how);
    expect(answer).toEqual({ kind: "refused", reason: "unsupported" });
    expect(await target.resolve("1.0", { signal })).not.toBeNull();
  });

  test("a repository whose last tag went, and one that never was, look alike: empty", async () => {
    const digest = await pushContent(enabled.origin, "c/app", "1.0", small("last"));
    const { target, prepared, how } = await ready(enabled, "c/app", "1.0", digest);
    await deleteTag(target, { tag: "1.0", digest }, prepared, how);
    expect(await sightingsOf(target, signal)("1.0")).toEqual({ kind: "empty" });
    expect(await sightingsOf(repositoryAt(enabled, "c/never"), signal)("1.0")).toEqual({ kind: "empty" });
  });
});
