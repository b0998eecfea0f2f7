import { expect, test } from "vitest";
import { memoryPlacements } from "../sync/placements.ts";
import { targetMemory } from "../sync/target-memory.ts";
import { knowledge } from "./sync-tag.ts";

test("a run compares names alone, which nobody does who did not say so", () => {
  expect(targetMemory(knowledge().placements).comparesNames).toBe(true);
  expect(targetMemory(memoryPlacements()).comparesNames).toBe(false);
});
