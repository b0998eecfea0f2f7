import { describe, expect, test } from "vitest";
import { compileTagChoice } from "../pattern/compile-tag-choice.ts";
import { compilePattern } from "../pattern/pattern.ts";
import { MemoryRegistry } from "../registry/memory-repository.ts";
import { MEDIA } from "../testing/content.ts";
import { scan } from "./scan.ts";
import { selectTags } from "./selected-tags.ts";
import type { Selection } from "./selection.ts";

const signal = new AbortController().signal;
const TAGS = ["latest", "1.9.0", "1.10.0", "1.10.0-rc1", "2.0.0", "v1.9.1", "nightly-9", "nightly-10"];

function registry(tags = TAGS): MemoryRegistry {
  const made = new MemoryRegistry();
  const repository = made.repository("team/app");
  const config = repository.putBlob(Buffer.from("{}"), MEDIA.config);
  for (const tag of tags) {
    repository.putManifest({ schemaVersion: 2, mediaType: MEDIA.manifest, config, layers: [], tag }, tag);
  }
  return made;
}

interface Written {
  tag?: string;
  exclude?: string;
  semver?: string;
  newest?: number;
}

function selection({ tag = "", exclude = "", semver = "", newest }: Written, only?: string[]): Selection {
  const choice = compileTagChoice({
    tagPattern: tag,
    excludeTagPattern: exclude,
    semverRange: semver,
    newestTags: newest ?? null,
  });
  const repository = compilePattern("");
  if (!choice || !repository.ok) {
    throw new Error("it compiles");
  }
  return {
    ...{ ...choice, namespace: "team", repository: repository.pattern, resourceType: "all" },
    only: only?.map((name) => ({ repository: "team/app", tag: name })),
  };
}

const selected = async (written: Written, only?: string[]) =>
  (await selectTags(registry().repository("team/app"), selection(written, only), signal)).wanted;

describe("the tags that a selection means, by name", () => {
  test.each<[string, Written, string[]]>([
    ["all of them", {}, TAGS.toSorted()],
    [
      "what is excluded is left out as a whole name",
      { exclude: "nightly-.*|1\\.9" },
      TAGS.slice(0, 6).toSorted(),
    ],
    ["versions in the range", { semver: ">=1.9 <2" }, ["1.10.0", "1.9.0", "v1.9.1"]],
    ["the newest by version", { newest: 3 }, ["1.10.0", "1.10.0-rc1", "2.0.0"]],
    [
      "expression, exclusion, range and only then the newest",
      {
        ...{ tag: ".*\\.0.*", exclude: "2.*", semver: ">=1.0.0-0 <3", newest: 1 },
      },
      ["1.10.0"],
    ],
    ["more than there are", { tag: "nightly-.*", newest: 9 }, ["nightly-10", "nightly-9"]],
    ["none", { semver: ">=3" }, []],
  ])("%s", async (_, written, expected) => {
    expect(await selected(written)).toEqual(expected);
  });

  test("of tags that events told of, only those that are among the newest as the source is now", async () => {
    expect(await selected({ newest: 2 }, ["2.0.0", "1.9.0"])).toEqual(["2.0.0"]);
    expect(await selected({ tag: "nightly-.*", newest: 1 }, ["nightly-9"])).toEqual([]);
    // The list does not name it yet.
    expect(await selected({ newest: 1 }, ["2.1.0"])).toEqual(["2.1.0"]);
    // Without that choice no list is asked for.
    expect(await selected({}, ["gone"])).toEqual(["gone"]);
  });

  test("the nearest name is a hint about the expression, not about what narrows it", async () => {
    const nearest = async (written: Written) =>
      (await selectTags(registry().repository("team/app"), selection(written), signal)).nearest?.name;
    expect(await nearest({ tag: "nightly" })).toMatch(/^nightly-/);
    expect(await nearest({ tag: "nightly-.*", exclude: "nightly.*" })).toBeUndefined();
  });
});

test("a scan reads what is selected and nothing else", async () => {
  const source = registry();
  const resolved: string[] = [];
  const repository = source.repository("team/app");
  const resolve = repository.resolve.bind(repository);
  repository.resolve = (reference, options) => {
    resolved.push(reference);
    return resolve(reference, options);
  };
  const found: string[] = [];
  for await (const part of scan(source, selection({ newest: 2 }), { signal })) {
    found.push(...(part.error ? [] : part.tags.map(({ tag }) => tag)));
  }
  expect(found).toEqual(["1.10.0", "2.0.0"]);
  expect(resolved.toSorted()).toEqual(["1.10.0", "2.0.0"]);
});
