import { describe, expect, test } from "vitest";
import { compilePattern } from "../pattern/pattern.ts";
import { RegistryError } from "../registry/errors.ts";
import { MemoryRegistry, type MemoryRepository } from "../registry/memory-repository.ts";
import type { Repository } from "../registry/repository.ts";
import type { ResourceType } from "../schemas/rule.ts";
import { MEDIA } from "../testing/content.ts";
import { listNamespaces } from "./namespaces.ts";
import { type ScanOptions, scan } from "./scan.ts";
import type { ScannedRepository } from "./scanned.ts";
import type { Selection } from "./selection.ts";

const HELM = "application/vnd.cncf.helm.config.v1+json";
const HEX = "0".repeat(64);

function pattern(source: string) {
  const compiled = compilePattern(source);
  if (!compiled.ok) {
    throw new Error(compiled.error.reason);
  }
  return compiled.pattern;
}

function fill(
  repository: MemoryRepository,
  tags: readonly string[],
  configType: string = MEDIA.config,
): void {
  const config = repository.putBlob(Buffer.from("{}"), configType);
  for (const tag of tags) {
    repository.putManifest({ schemaVersion: 2, mediaType: MEDIA.manifest, config, layers: [], tag }, tag);
  }
}

function registry(): MemoryRegistry {
  const made = new MemoryRegistry();
  fill(made.repository("team/web"), ["v1", "v2", "latest", `sha256-${HEX}.sig`, `sha256-${HEX}`]);
  fill(made.repository("team/api"), ["v1"]);
  fill(made.repository("team/sub/api"), ["v1"]);
  fill(made.repository("team/chart"), ["1.0.0"], HELM);
  fill(made.repository("teamwork/app"), ["v1"]);
  fill(made.repository("root"), ["v1"]);
  const index = { schemaVersion: 2, mediaType: MEDIA.index, manifests: [] };
  made.repository("team/multi").putManifest(index, "v1");
  return made;
}

function selection(
  options: Partial<Record<"namespace" | "repository" | "tag", string>> & { type?: ResourceType } = {},
): Selection {
  const { namespace = "team", repository = "", tag = "", type = "all" } = options;
  return { namespace, repository: pattern(repository), tag: pattern(tag), resourceType: type };
}

async function scanned(source: MemoryRegistry, wanted: Selection, options: Partial<ScanOptions> = {}) {
  const found: ScannedRepository[] = [];
  for await (const repository of scan(source, wanted, { signal: new AbortController().signal, ...options })) {
    found.push(repository);
  }
  return found;
}

/** `repository:tag` of everything found. */
async function names(source: MemoryRegistry, wanted: Selection, options?: Partial<ScanOptions>) {
  const found = await scanned(source, wanted, options);
  return found.flatMap((entry) =>
    entry.error
      ? [`${entry.repository} ${entry.error.code}`]
      : entry.tags.map(({ tag }) => `${entry.repository}:${tag}`),
  );
}

describe("what a selection means", () => {
  const ALL = [
    ...["team/api:v1", "team/chart:1.0.0", "team/multi:v1", "team/sub/api:v1"],
    ...["team/web:latest", "team/web:v1", "team/web:v2"],
  ];
  test.each<[string, Selection, string[]]>([
    ["blank means all of the namespace, without digest tags", selection(), ALL],
    ["digest tags follow their subject whatever the expression", selection({ tag: ".*" }), ALL],
    ["the whole path below the namespace", selection({ repository: "api" }), ["team/api:v1"]],
    ["a path with a slash", selection({ repository: "sub/.*" }), ["team/sub/api:v1"]],
    ["the whole tag", selection({ tag: "v\\d" }), ALL.filter((name) => /:v\d$/.test(name))],
    ["a deeper namespace", selection({ namespace: "team/sub" }), ["team/sub/api:v1"]],
    ["the root", selection({ namespace: "" }), ["root:v1"]],
    ["charts", selection({ type: "chart" }), ["team/chart:1.0.0"]],
    [
      "images, an index among them",
      selection({ type: "image" }),
      ALL.filter((name) => !name.includes("chart")),
    ],
    ["nothing", selection({ namespace: "nobody" }), []],
  ])("%s", async (_case, wanted, expected) => {
    expect(await names(registry(), wanted)).toEqual(expected);
  });

  test("repositories without a match come too, so that counters move", async () => {
    const found = await scanned(registry(), selection({ repository: "w.*", tag: "v9" }));
    expect(found).toContainEqual({
      repository: "team/web",
      tagsListed: 3,
      tags: [],
      nearestTag: { name: expect.stringMatching(/^v\d$/), likeness: expect.any(Number) },
      whole: true,
    });
    expect(found.map(({ repository }) => repository)).toEqual([
      ...["team/api", "team/chart", "team/multi", "team/sub/api", "team/web"],
    ]);
  });

  test("type all asks for no manifest, a type for one of each digest", async () => {
    const all = registry();
    await scanned(all, selection());
    const before = all.requests;
    const typed = registry();
    await scanned(typed, selection({ type: "image" }));
    // web has three tags, api, sub/api and chart one each; the index tells by itself what it is.
    expect(typed.requests - before).toBe(6);
  });

  test("an expression of nothing but names needs no list of repositories", async () => {
    class Unlistable extends MemoryRegistry {
      override repositories(): never {
        throw new RegistryError({
          code: "UNSUPPORTED",
          status: 404,
          method: "GET",
          url: "/v2/_catalog",
          detail: "",
        });
      }
    }
    const source = new Unlistable();
    fill(source.repository("team/web"), ["v1"]);
    expect(await names(source, selection({ repository: "web|absent" }))).toEqual(["team/web:v1"]);
    await expect(names(source, selection())).rejects.toMatchObject({
      name: "CopyError",
      code: "UNSUPPORTED",
    });
  });

  test("single tags are read anew; one that is gone is not found", async () => {
    const only = [
      { repository: "team/web", tag: "v1" },
      { repository: "team/web", tag: "gone" },
      { repository: "team/api", tag: "v1" },
    ];
    expect(await names(registry(), { ...selection({ tag: "nothing" }), only })).toEqual([
      "team/api:v1",
      "team/web:v1",
    ]);
  });

  test("goes on behind a repository, and ends after so many", async () => {
    const options = { after: "team/chart", limit: 2 };
    expect(await names(registry(), selection(), options)).toEqual(["team/multi:v1", "team/sub/api:v1"]);
  });
});

describe("what cannot be read", () => {
  class Troubled extends MemoryRegistry {
    override repository(name: string): MemoryRepository {
      const repository = super.repository(name);
      const denied = () => {
        throw new RegistryError({ code: "DENIED", status: 403, method: "GET", url: name, detail: "" });
      };
      if (name === "team/denied") {
        Object.assign(repository, { tags: denied } satisfies Partial<Repository>);
      }
      return repository;
    }
  }

  test("a repository that refuses comes with its error, and the scan goes on", async () => {
    const source = new Troubled();
    for (const name of ["team/a", "team/denied", "team/z"]) {
      fill(source.repository(name), ["v1"]);
    }
    expect(await names(source, selection())).toEqual(["team/a:v1", "team/denied DENIED", "team/z:v1"]);
  });

  test("a repository says that nothing more of it comes, unless what is behind it could not be read", async () => {
    const source = new MemoryRegistry();
    for (const name of ["team/a", "team/b", "team/c"]) {
      fill(source.repository(name), ["v1", "v2"]);
    }
    const half = source.repository("team/b");
    const resolve = half.resolve.bind(half);
    half.resolve = async (tag, options) => {
      if (tag === "v2") {
        throw new RegistryError({ code: "DENIED", status: 403, method: "HEAD", url: tag, detail: "" });
      }
      return resolve(tag, options);
    };
    const found = await scanned(source, selection());
    expect(found.map((part) => [part.repository, part.error?.code, part.whole])).toEqual([
      ["team/a", undefined, true],
      ["team/b", undefined, undefined],
      ["team/b", "DENIED", undefined],
      ["team/c", undefined, true],
    ]);
  });

  test("an abort ends the scan", async () => {
    const stop = new AbortController();
    stop.abort(new Error("stopped"));
    await expect(names(registry(), selection(), { signal: stop.signal })).rejects.toThrow("stopped");
  });
});

test("namespaces are first components, the root is the empty one", async () => {
  const signal = new AbortController().signal;
  expect(await listNamespaces(registry(), { signal })).toEqual(["", "team", "teamwork"]);
});

describe("streaming", () => {
  const tags = Array.from({ length: 150 }, (_, index) => `v${String(index).padStart(3, "0")}`);

  test("a repository of many tags comes in parts, in order, each tag with its moment", async () => {
    const source = new MemoryRegistry();
    fill(source.repository("team/many"), tags);
    fill(source.repository("team/one"), ["v1"]);
    const parts = await scanned(source, selection(), { streaming: true });
    expect(
      parts.map((part) => [
        part.repository,
        part.error ? 0 : [part.tagsListed, part.tags.length, part.goesOn],
      ]),
    ).toEqual([
      ["team/many", [150, 64, undefined]],
      ["team/many", [0, 64, true]],
      ["team/many", [0, 22, true]],
      ["team/one", [1, 1, undefined]],
    ]);
    // Whoever hears the first part does not know yet how many come.
    expect(parts.map((part) => part.whole)).toEqual([undefined, undefined, undefined, true]);
    const found = parts.flatMap((part) => (part.error ? [] : part.tags));
    expect(found.map(({ tag }) => tag)).toEqual([...tags, "v1"]);
    expect(found.every(({ seenAtMs }) => seenAtMs !== undefined && seenAtMs <= performance.now())).toBe(true);
  });

  test("one part is read ahead and no more", async () => {
    const source = new MemoryRegistry();
    const repository = source.repository("team/many");
    fill(repository, tags);
    const asked = new Set<string>();
    const resolve = repository.resolve.bind(repository);
    repository.resolve = (tag, ...rest) => {
      asked.add(tag);
      return resolve(tag, ...rest);
    };
    const parts = scan(source, selection(), { signal: new AbortController().signal, streaming: true });
    await parts.next();
    await new Promise(setImmediate);
    expect(asked.size).toBeLessThanOrEqual(2 * 64);
    await parts.next();
    await parts.next();
    expect(asked.size).toBe(tags.length);
  });

  test.each(["honest", "one that agrees to everything"] as const)(
    "tags beside each other often name the same, and are asked whether they do: %s",
    async (kind) => {
      const source = new MemoryRegistry();
      const repository = source.repository("team/many");
      const wanted = tags.map((tag, index) => {
        const { digest } = repository.putManifest(
          { schemaVersion: 2, mediaType: MEDIA.manifest, layers: [], build: Math.floor(index / 10) },
          tag,
        );
        return { tag, digest };
      });
      const asked = { agreed: 0, plainly: 0 };
      const resolve = repository.resolve.bind(repository);
      repository.resolve = async (tag, { known, signal } = {}) => {
        const named = await resolve(tag, { signal });
        if (known && (kind !== "honest" || named?.digest === known.digest)) {
          asked.agreed += 1;
          return known;
        }
        asked.plainly += 1;
        return named;
      };
      const parts = await scanned(source, selection(), { streaming: true });
      const found = parts.flatMap((part) => (part.error ? [] : part.tags));
      expect(found.map(({ tag, digest }) => ({ tag, digest }))).toEqual(wanted);
      if (kind === "honest") {
        expect(asked.agreed).toBeGreaterThan(tags.length / 2);
        expect(asked.agreed + asked.plainly).toBe(tags.length);
      } else {
        // Those that were under way when it was found out.
        expect(asked.agreed).toBeLessThanOrEqual(16);
        expect(asked.plainly).toBe(tags.length);
      }
    },
  );

  test("with signatures it comes as a whole: which are nobody's is known at the end", async () => {
    const source = new MemoryRegistry();
    fill(source.repository("team/many"), [...tags, `sha256-${HEX}.sig`]);
    expect(await scanned(source, selection(), { streaming: true })).toHaveLength(1);
  });
});
