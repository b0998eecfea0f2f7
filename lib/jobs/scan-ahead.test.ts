import { describe, expect, test } from "vitest";
import type { Database } from "../db/client.ts";
import type { Lease } from "../queue/fence.ts";
import { SCAN, type ScanJob } from "../queue/queues.ts";
import { MemoryRegistry } from "../registry/memory-repository.ts";
import type { Manifest, Registry } from "../registry/repository.ts";
import type { TaskScope } from "../schemas/task.ts";
import { targetMemory } from "../sync/target-memory.ts";
import { image } from "../testing/content.ts";
import type { Connection } from "./connections.ts";
import type { RunningJob } from "./job.ts";
import { createPlacements } from "./placements.ts";
import { scanAhead } from "./scan-ahead.ts";
import type { ClaimedTask } from "./task-claim.ts";

/** Nothing is asked of it: it stands for a process. */
const process = () => ({}) as Database;
const lease: Lease = { queue: SCAN, jobId: "job", attempt: 0 };
const job = { lease, signal: new AbortController().signal } as RunningJob<ScanJob>;

interface World {
  readonly db?: Database;
  readonly scope?: TaskScope;
  /** By the id of the instance. */
  readonly registries: Readonly<Record<string, Registry>>;
  readonly targets?: ClaimedTask["rule"]["targets"];
  readonly source?: Registry;
}

function ahead({
  db = process(),
  scope = { kind: "rule" },
  registries,
  targets,
  source = new MemoryRegistry(),
}: World) {
  const connections = {
    acquire: async (instanceId: string) => {
      const registry = registries[instanceId];
      if (!registry) {
        throw new Error("gone");
      }
      return { instanceId, registry, release: () => undefined } as Connection;
    },
    close: async () => undefined,
  };
  const rule = {
    sourceNamespace: "team",
    resourceType: "all",
    targets: targets ?? [{ ruleTargetId: "first", instanceId: "target", namespace: null }],
  };
  return scanAhead(job, { db, connections }, { id: "task", scope, rule } as ClaimedTask, {
    registry: source,
  });
}

const at = (instanceId: string) => ({ ruleTargetId: instanceId, instanceId, namespace: null });

const { mediaType, digest, bytes } = image({ layers: [] }).manifest;
const manifest: Manifest = { descriptor: { mediaType, digest, size: bytes.length }, bytes };

function withTag(repository: string, tag: string): MemoryRegistry {
  const registry = new MemoryRegistry();
  registry.repository(repository).manifests.set(digest, manifest);
  registry.repository(repository).tagged.set(tag, digest);
  return registry;
}

describe("while a rule is scanned", () => {
  test("its target is asked once what it lacks, and what is read because of that is there for the copies of this process", async () => {
    const [db, target] = [process(), new MemoryRegistry()];
    const scan = await ahead({ db, registries: { target } });
    expect(await scan?.lookahead.lacks("team/app", "1")).toBe(false);
    scan?.lookahead.wanted("team/app", ["1", "2"]);
    await expect.poll(() => scan?.lookahead.lacks("team/app", "2")).toBe(true);
    const requests = target.requests;
    scan?.lookahead.read(manifest);

    const copy = createPlacements(db, lease, { taskId: "task", targetInstanceId: "target" });
    const memory = targetMemory(copy);
    expect(memory.manifests.taken(digest)).toBe(manifest);
    expect(await memory.firstLooks.at(target.repository("team/app")).resolve("1", {})).toBeNull();
    expect(target.requests).toBe(requests);
    copy.close();
    scan?.close();
  });

  test("a target that has the tag is no reason to read it; one of several that lacks it is", async () => {
    const registries = { has: withTag("team/app", "1"), lacks: new MemoryRegistry() };
    const one = await ahead({ registries, targets: [at("has")] });
    one?.lookahead.wanted("team/app", ["1"]);
    await expect.poll(() => registries.has.requests).toBeGreaterThan(0);
    expect(await one?.lookahead.lacks("team/app", "1")).toBe(false);
    one?.close();

    const both = await ahead({ registries, targets: [at("has"), at("lacks")] });
    both?.lookahead.wanted("team/app", ["1"]);
    await expect.poll(() => both?.lookahead.lacks("team/app", "1")).toBe(true);
    both?.close();
  });

  test.each([
    ["is far away", 100],
    ["is of unknown distance", undefined],
  ])("a target that %s is listed before the tags of the source are known", async (_which, quickestMs) => {
    const target = Object.assign(new MemoryRegistry(), { quickestMs });
    const scan = await ahead({ registries: { target } });
    scan?.lookahead.coming("team/app");
    expect(target.requests).toBe(1);
    expect(await scan?.lookahead.lacks("team/app", "1")).toBe(true);
    scan?.lookahead.wanted("team/app", ["1"]);
    expect(await scan?.lookahead.lacks("team/app", "1")).toBe(true);
    expect(target.requests).toBe(1);
    scan?.close();
  });

  test("what was found out is told to whoever writes the copy jobs", async () => {
    const empty = Object.assign(new MemoryRegistry(), { quickestMs: 100 });
    const filled = Object.assign(withTag("team/app", "1"), { quickestMs: 100 });
    const scan = await ahead({ registries: { empty, filled }, targets: [at("empty"), at("filled")] });
    scan?.lookahead.coming("team/app");
    expect(await scan?.lookahead.lacks("team/app", "1")).toBe(true);
    await expect.poll(() => scan?.isEmpty("empty", "team/app")).toBe(true);
    expect(scan?.isEmpty("filled", "team/app")).toBe(false);
    // Nobody has looked.
    expect([scan?.isEmpty("empty", "team/other"), scan?.isEmpty("gone", "team/app")]).toEqual([false, false]);

    expect(scan?.read("empty", digest)).toBeUndefined();
    scan?.lookahead.read(manifest);
    expect(scan?.read("empty", digest)).toBe(manifest);
    expect(scan?.read("gone", digest)).toBeUndefined();
    // It stays for the copies of this process.
    expect(scan?.read("empty", digest)).toBe(manifest);
    scan?.close();
  });

  test.each([
    ["near, both ends: nothing", 1, undefined],
    ["far, at the source: what was read there", 100, manifest],
  ])("%s goes with a job to a near target", async (_what, quickestMs, found) => {
    const registries = { target: Object.assign(new MemoryRegistry(), { quickestMs: 1 }) };
    const scan = await ahead({ registries, source: Object.assign(new MemoryRegistry(), { quickestMs }) });
    scan?.lookahead.read(manifest);
    expect(scan?.read("target", digest)).toBe(found);
    scan?.close();
  });

  test("a near target is asked for a tag once there is one, not listed before", async () => {
    const near = Object.assign(new MemoryRegistry(), { quickestMs: 1 });
    const scan = await ahead({ registries: { near }, targets: [at("near")] });
    scan?.lookahead.coming("team/app");
    expect(await scan?.lookahead.lacks("team/app", "1")).toBe(false);
    expect(near.requests).toBe(0);
    scan?.lookahead.wanted("team/app", ["1"]);
    await expect.poll(() => scan?.lookahead.lacks("team/app", "1")).toBe(true);
    scan?.close();
  });

  test("nothing is found out of targets that are gone nor of a repository that has no name there, and a far one is asked for no tag", async () => {
    const far = Object.assign(new MemoryRegistry(), { quickestMs: 100 });
    const near = new MemoryRegistry();
    const scan = await ahead({ registries: { far, near }, targets: [at("gone"), at("far"), at("near")] });
    scan?.lookahead.coming("elsewhere/app");
    scan?.lookahead.wanted("elsewhere/app", ["1"]);
    expect(await scan?.lookahead.lacks("elsewhere/app", "1")).toBe(false);
    expect([far.requests, near.requests]).toEqual([0, 0]);
    scan?.lookahead.wanted("team/app", ["1"]);
    await expect.poll(() => scan?.lookahead.lacks("team/app", "1")).toBe(true);
    expect(far.requests).toBe(0);
    scan?.close();
  });
});

test("single tags are copied before anything is known", async () => {
  const scope: TaskScope = { kind: "tags", tags: [{ repository: "team/app", tag: "1" }] };
  expect(await ahead({ scope, registries: { target: new MemoryRegistry() } })).toBeNull();
});

test("what a process knows of a target is not forgotten between two jobs of a task", () => {
  const db = process();
  const place = { taskId: "task", targetInstanceId: "target" };
  const first = createPlacements(db, lease, place);
  first.close();
  const next = createPlacements(db, lease, place);
  expect(targetMemory(next)).toBe(targetMemory(first));
  const other = createPlacements(db, lease, { ...place, taskId: "other" });
  expect(targetMemory(other)).not.toBe(targetMemory(first));
  next.close();
  other.close();
});
