import { describe, expect, test } from "vitest";
import { MemoryRegistry } from "../registry/memory-repository.ts";
import { broken, holding, selection } from "./stores.testing.ts";
import { scanStores, storeAt, storeOf } from "./stores.ts";

const options = { signal: new AbortController().signal };

async function found(stores: Parameters<typeof scanStores>[0], type: "all" | "image" | "chart" = "all") {
  const rows: string[] = [];
  for await (const scanned of scanStores(stores, { ...selection, resourceType: type }, options)) {
    rows.push(
      scanned.error
        ? `${scanned.repository} ${scanned.error.code}`
        : `${scanned.repository} ${scanned.tags.map(({ tag, store }) => `${tag}@${store ?? "registry"}`).join(" ")}`,
    );
  }
  return rows;
}

describe("both stores of a source", () => {
  const registry = holding("team/app:v1", "team/web:1.0.0", "team/zoo:v1");
  const charts = holding("team/api:0.1.0", "team/web:1.0.0", "team/web:1.1.0", "other/x:1.0.0");

  test("are read in the order of names; a version in both is the registry's", async () => {
    expect(await found({ registry, charts })).toEqual([
      "team/api 0.1.0@charts",
      "team/app v1@registry",
      "team/web 1.0.0@registry",
      "team/web 1.1.0@charts",
      "team/zoo v1@registry",
    ]);
  });

  test("nothing says that no more of a repository comes where the other store may have more of it", async () => {
    const whole = async (stores: Parameters<typeof scanStores>[0]) => {
      const told: (true | undefined)[] = [];
      for await (const part of scanStores(stores, selection, options)) {
        told.push(part.whole);
      }
      return told;
    };
    expect(await whole({ registry, charts })).toEqual(new Array(5).fill(undefined));
    expect(await whole({ registry, charts: null })).toEqual([true, true, true]);
  });

  test("images are looked for in the registry alone", async () => {
    expect(await found({ registry: null, charts }, "image")).toEqual([]);
    expect(await found({ registry, charts }, "chart")).toHaveLength(5);
  });

  test("charts that cannot be read come last and keep nothing waiting", async () => {
    const rows = await found({ registry, charts: broken(503) });
    expect(rows).toEqual([
      "team/app v1@registry",
      "team/web 1.0.0@registry",
      "team/zoo v1@registry",
      "team NAME_UNKNOWN",
    ]);
  });

  test("a namespace without an index has no charts; without a registry the address is wrong", async () => {
    expect(await found({ registry, charts: broken(404) })).toHaveLength(3);
    expect(await found({ registry: null, charts: broken(404) })).toEqual(["team NAME_UNKNOWN"]);
  });

  test("what the registry cannot list ends the scan", async () => {
    await expect(found({ registry: broken(500), charts })).rejects.toMatchObject({ side: "source" });
  });
});

test("a chart goes to the charts of the target, or else to its registry; everything else to the registry", () => {
  const [registry, charts] = [new MemoryRegistry("memory://r"), new MemoryRegistry("memory://c")];
  const origins = (target: { registry: MemoryRegistry; charts: MemoryRegistry | null }) => [
    storeAt(target, undefined).origin,
    storeAt(target, "charts").origin,
  ];
  expect(origins({ registry, charts })).toEqual(["memory://r", "memory://c"]);
  expect(origins({ registry, charts: null })).toEqual(["memory://r", "memory://r"]);
  expect(() => storeAt({ registry: null, charts }, undefined)).toThrow();
  expect(() => storeOf({ registry, charts: null }, "charts")).toThrow();
});
