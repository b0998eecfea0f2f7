import { describe, expect, test } from "vitest";
import { MemoryRegistry } from "../registry/memory-repository.ts";
import { bothStores } from "./both-stores.ts";
import { collect } from "./preview-collect.ts";
import type { PreviewTarget } from "./preview-targets.ts";
import { RememberedRegistry } from "./remembered-registry.ts";
import type { Selection } from "./selection.ts";
import { broken, holding, putChart, selection, unreadable } from "./stores.testing.ts";
import { scanStores } from "./stores.ts";

const registry = holding("team/app:v1", "team/web:1.0.0");
const charts = holding("team/api:0.1.0", "team/web:1.0.0", "team/web:1.1.0");

async function previewed(
  target: Partial<PreviewTarget>,
  both = bothStores(registry, charts),
  of: Selection = selection,
) {
  const targets = [{ namespace: null, registry: new MemoryRegistry(), ...target }];
  const { rows, events } = await collect({ source: both, selection: of, targets, override: false });
  const verdicts = rows.map(
    ({ repository, tag, outcomes }) => `${repository}:${tag} ${outcomes[0]?.verdict}`,
  );
  return { verdicts: verdicts.sort(), events };
}

describe("a preview over both stores", () => {
  test("finds what a task finds in them", async () => {
    const scanned: string[] = [];
    const signal = new AbortController().signal;
    for await (const part of scanStores({ registry, charts }, selection, { signal })) {
      scanned.push(...(part.error ? [] : part.tags.map(({ tag }) => `${part.repository}:${tag} copy`)));
    }
    expect((await previewed({})).verdicts).toEqual(scanned.sort());
    const remembered = bothStores(new RememberedRegistry(registry), new RememberedRegistry(charts));
    expect((await previewed({}, remembered)).verdicts).toEqual(scanned);
  });

  test.each([1, 2])("counts the newest %i of each store, as a task does", async (newest) => {
    const images = holding("team/web:3.0.0", "team/web:2.0.0", "team/web:1.1.0");
    const scanned: string[] = [];
    const signal = new AbortController().signal;
    const of = { ...selection, newest };
    for await (const part of scanStores({ registry: images, charts }, of, { signal })) {
      scanned.push(...(part.error ? [] : part.tags.map(({ tag }) => `${part.repository}:${tag} copy`)));
    }
    expect(scanned).toContain("team/web:1.1.0 copy");
    expect((await previewed({}, bothStores(images, charts), of)).verdicts).toEqual(scanned.sort());
  });

  test("asks the target where it would put a chart", async () => {
    const place = holding("team/api:0.1.0");
    putChart(place, "team/web:1.1.0", "something else");
    expect((await previewed({ charts: place })).verdicts).toEqual([
      "team/api:0.1.0 up-to-date",
      "team/app:v1 copy",
      "team/web:1.0.0 copy",
      "team/web:1.1.0 exists",
    ]);
    // Without charts of its own the registry has them.
    expect((await previewed({ registry: place })).verdicts).toContain("team/api:0.1.0 up-to-date");
  });

  test.each([
    [404, false],
    [403, true],
  ])("charts that answer %i make it fail: %j", async (status, fails) => {
    const { events } = await previewed({}, bothStores(registry, broken(status)));
    expect(events.some(({ kind }) => kind === "failed")).toBe(fails);
  });

  test.each(["list them by name", "look at named repositories alone"])(
    "charts that cannot be read are said in the end, after what the registry has: %s",
    async (how) => {
      const named = how.startsWith("look")
        ? {
            ...selection,
            repository: { source: "app|web", matches: (name: string) => /^(app|web)$/.test(name) },
          }
        : selection;
      const { verdicts, events } = await previewed({}, bothStores(registry, unreadable()), named);
      expect(verdicts).toEqual(["team/app:v1 copy", "team/web:1.0.0 copy"]);
      expect(events.filter(({ kind }) => kind === "failed")).toHaveLength(1);
      const kinds = events.map(({ kind }) => kind);
      expect(kinds.indexOf("failed")).toBeGreaterThan(kinds.lastIndexOf("rows"));
    },
  );
});
