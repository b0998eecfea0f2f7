import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { compilePattern } from "../pattern/pattern.ts";
import type { Descriptor } from "../registry/descriptor.ts";
import { RegistryError, TransportError } from "../registry/errors.ts";
import { MemoryRegistry } from "../registry/memory-repository.ts";
import { MEDIA } from "../testing/content.ts";
import { previewRule } from "./preview.ts";
import { collect } from "./preview-collect.ts";
import { PREVIEW_LIMITS } from "./preview-limits.ts";
import { RememberedRegistry } from "./remembered-registry.ts";
import type { Selection } from "./selection.ts";

function pattern(source: string) {
  const compiled = compilePattern(source);
  if (!compiled.ok) {
    throw new Error(`${source}: ${compiled.error.reason}`);
  }
  return compiled.pattern;
}

function selection(repository = "", tag = ""): Selection {
  return { namespace: "team", repository: pattern(repository), tag: pattern(tag), resourceType: "all" };
}

/** `count` repositories with one tag each. */
function large(count: number, tags: readonly string[] = ["v1"]): MemoryRegistry {
  const source = new MemoryRegistry();
  for (let index = 0; index < count; index += 1) {
    const repository = source.repository(`team/app-${String(index).padStart(6, "0")}`);
    const layers: Descriptor[] = [];
    const config = repository.putBlob(Buffer.from("{}"), MEDIA.config);
    for (const tag of tags) {
      repository.putManifest({ schemaVersion: 2, mediaType: MEDIA.manifest, config, layers, tag }, tag);
    }
  }
  return source;
}

describe("bounds", () => {
  test("lists so many rows, counts the rest, and says where it stopped", async () => {
    const target = { namespace: null, registry: new MemoryRegistry() };
    const request = {
      source: large(300, ["v1", "v2"]),
      selection: selection(),
      targets: [target],
      override: false,
    };
    const limits = { ...PREVIEW_LIMITS, rows: 20, repositories: 100 };
    const { rows, totals, events } = await collect(request, { limits });
    expect(rows).toHaveLength(20);
    expect(totals.repositories).toMatchObject({ listed: 300, matched: 300, complete: true });
    expect(totals.tags).toEqual({ matched: 200, complete: false });
    expect(totals.bytes.state).toBe("estimated");
    expect(events.at(-1)).toMatchObject({ kind: "end", limit: "size" });
  });

  test("indexes that name each other many times over are read up to the bound", async () => {
    const source = new MemoryRegistry();
    const repository = source.repository("team/app");
    const config = repository.putBlob(Buffer.from("{}"), MEDIA.config);
    let below = [repository.putManifest({ mediaType: MEDIA.manifest, config, layers: [] })];
    // As a tree this would be 2^30 indexes.
    for (let level = 0; level < 30; level += 1) {
      below = ["left", "right"].map((side) =>
        repository.putManifest({ mediaType: MEDIA.index, manifests: below, annotations: { side } }),
      );
    }
    repository.putManifest({ mediaType: MEDIA.index, manifests: below }, "v1");
    const target = { namespace: null, registry: new MemoryRegistry() };
    const request = { source, selection: selection(), targets: [target], override: false };
    const { totals } = await collect(request, { limits: { ...PREVIEW_LIMITS, manifests: 100 } });
    expect(totals.tags.matched).toBe(1);
    expect(totals.bytes.state).toBe("estimated");
  });

  test("a source that hangs ends with the time", async () => {
    class Hanging extends MemoryRegistry {
      override async *repositories(options: { signal?: AbortSignal } = {}): AsyncGenerator<string[]> {
        yield ["team/app-000000"];
        await sleep(60_000, undefined, { signal: options.signal as AbortSignal });
      }
    }
    const source = new Hanging();
    source.repository("team/app-000000").tagged.set("v1", "sha256:none");
    const request = { source, selection: selection(), targets: [], override: false };
    const { events, totals } = await collect(request, { limits: { ...PREVIEW_LIMITS, timeoutMs: 150 } });
    expect(events.at(-1)).toMatchObject({ kind: "end", limit: "time" });
    expect(totals.repositories).toMatchObject({ matched: 1, complete: false });
  });

  test("an abort ends it, and nothing is asked afterwards", async () => {
    const source = large(500);
    const controller = new AbortController();
    const request = { source, selection: selection(), targets: [], override: false };
    const seen: string[] = [];
    const reading = async () => {
      for await (const { kind } of previewRule(request, { signal: controller.signal })) {
        seen.push(kind);
        controller.abort(new Error("the next key"));
      }
    };
    await expect(reading()).rejects.toThrow("the next key");
    const asked = source.requests;
    await sleep(30);
    expect(source.requests).toBe(asked);
    expect(seen).not.toContain("end");
  });
});

describe("what cannot be read", () => {
  const refusal = (status: number) =>
    new RegistryError({ code: "DENIED", status, method: "GET", url: "http://r/v2/team/b", detail: "no" });
  const silence = new TransportError("CONNECTION", { method: "GET", url: "http://r/v2/" }, "refused");

  test("one repository is a row of its own; the others go on", async () => {
    const source = large(3);
    source.repository("team/app-000001").tags = () => {
      throw refusal(403);
    };
    const request = { source, selection: selection(), targets: [], override: false };
    const { rows, totals } = await collect(request);
    expect(rows.map(({ tag, failure }) => tag ?? failure?.httpStatus)).toEqual(["v1", 403, "v1"]);
    expect(totals.repositories.unreadable).toBe(1);
  });

  test("a target without an answer is asked once, and its verdicts are unknown", async () => {
    let asked = 0;
    const registry = new MemoryRegistry();
    registry.repository = (name) =>
      Object.assign(new MemoryRegistry().repository(name), {
        resolve: () => {
          asked += 1;
          return Promise.reject(silence);
        },
      });
    const request = {
      source: large(30),
      selection: selection(),
      targets: [{ namespace: null, registry }],
      override: false,
    };
    const { rows, totals } = await collect(request);
    expect(totals.verdicts).toMatchObject({ unknown: 30, copy: 0 });
    expect(rows[29]?.outcomes[0]?.failure).toMatchObject({ code: "CONNECTION", side: "target" });
    expect(asked).toBeLessThan(10);
  });

  test("a source without an answer ends it by its failure", async () => {
    const source = large(3);
    source.repositories = () => {
      throw silence;
    };
    const { events, totals } = await collect({
      source,
      selection: selection(),
      targets: [],
      override: false,
    });
    expect(events.find(({ kind }) => kind === "failed")).toMatchObject({
      failure: { code: "CONNECTION", side: "source" },
    });
    expect(totals.tags.complete).toBe(false);
  });
});

describe("while somebody types", () => {
  test("the next expression is matched against what is remembered", async () => {
    const registry = large(200);
    const source = new RememberedRegistry(registry);
    const request = (repository: string) => ({
      source,
      selection: selection(repository),
      targets: [],
      override: false,
    });
    await collect(request(".*"));
    const asked = registry.requests;
    const { totals, rows } = await collect(request("app-0000[0-4].*"));
    expect(totals.repositories).toMatchObject({ listed: 200, matched: 50 });
    expect(rows[0]?.matched).toEqual([5, 15]);
    expect(registry.requests).toBe(asked);
    await source.close();
  });
});

test("names that are known already are matched beside everything else: what the first of them is asked for comes before the last is matched", async () => {
  const pages = 200;
  const names = 1_000;
  const repository = new MemoryRegistry().repository("team/app-7");
  const config = repository.putBlob(Buffer.from("{}"), MEDIA.config);
  repository.putManifest({ schemaVersion: 2, mediaType: MEDIA.manifest, config, layers: [] }, "v1");
  const tags = repository.tags.bind(repository);
  let listed = 0;
  let listedThen = 0;
  // As an answer comes from a network: not before the process has its turn.
  repository.tags = async function* (options) {
    await sleep(0);
    listedThen = listed;
    yield* tags(options);
  };
  const source = {
    repository: () => repository,
    // As it is remembered: nothing is waited for.
    async *repositories() {
      for (; listed < pages; listed += 1) {
        yield Array.from({ length: names }, (_, index) => `team/app-${listed * names + index}`);
      }
    },
  };
  const { rows, totals } = await collect({
    source,
    selection: selection(".*p-7"),
    targets: [],
    override: false,
  });
  expect(listedThen).toBeLessThan(pages);
  expect(rows.map(({ repository: name }) => name)).toEqual(["team/app-7"]);
  expect(totals.repositories).toMatchObject({ listed: pages * names, matched: 1 });
});
