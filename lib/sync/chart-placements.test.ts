import { expect, test } from "vitest";
import { chartPlacements } from "./chart-placements.ts";
import { memoryPlacements } from "./placements.ts";
import { targetMemory } from "./target-memory.ts";

const options = { signal: new AbortController().signal, mountable: true };

test("what a chart repository holds is not believed of the registry beside it, nor the other way round", async () => {
  const registry = memoryPlacements();
  const claim = await chartPlacements(registry).claim("sha256:a", "team/web", options);
  await (claim.kind === "bring" ? claim.placed() : undefined);
  expect(await chartPlacements(registry).claim("sha256:a", "team/web", options)).toEqual({ kind: "placed" });
  expect(await registry.claim("sha256:a", "team/web", options)).toMatchObject({ kind: "bring" });
  expect(await registry.claim("sha256:a", "team/api", { ...options, mountable: false })).toMatchObject({
    kind: "bring",
    mountFrom: undefined,
  });
});

test("transfers of one task share what they learn of the chart repository", () => {
  const memoryKey = {};
  const jobs = [1, 2].map(() => chartPlacements({ ...memoryPlacements(), memoryKey }));
  const [first, second] = jobs.map(targetMemory);
  expect(first).toBe(second);
  expect(first).not.toBe(targetMemory({ ...memoryPlacements(), memoryKey }));
});
