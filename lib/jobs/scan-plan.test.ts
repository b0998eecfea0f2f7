import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RegistryError } from "../registry/errors.ts";
import { CopyError } from "../sync/errors.ts";
import type { ScannedRepository } from "../sync/scanned.ts";
import type { ScanPage } from "./scan-page.ts";
import { pagesOf } from "./scan-plan.ts";
import type { ClaimedTask } from "./task-claim.ts";

const task: ClaimedTask = {
  id: "task",
  ruleId: "rule",
  scope: { kind: "rule" },
  retryOf: null,
  cursor: null,
  rule: {
    name: "rule",
    version: 1,
    sourceInstanceId: "source",
    sourceNamespace: "team",
    repositoryPattern: "",
    tagPattern: "",
    resourceType: "all",
    override: false,
    targets: [{ ruleTargetId: "first", instanceId: "target", namespace: null }],
  },
};

const read = (repository: string, tags: number): ScannedRepository => ({
  repository,
  tagsListed: tags + 1,
  tags: Array.from({ length: tags }, (_, n) => ({
    tag: `${n}`,
    digest: "sha256:0",
    mediaType: "m",
    size: 1,
  })),
});
const broken = (repository: string, status: number): ScannedRepository => ({
  repository,
  error: new CopyError(
    "list-tags",
    "source",
    undefined,
    new RegistryError({ code: "UNKNOWN", status, method: "GET", url: "https://host/v2/", detail: "no" }),
  ),
});

const everything = (_target: string, _repository: string, _tag: string): boolean => true;

/** @param everyMs so long after each other they are read */
async function pages(
  scanned: ScannedRepository[],
  { lastAttempt = false, wanted = everything, everyMs = 0 } = {},
) {
  const found: ScanPage[] = [];
  let error: unknown = null;
  async function* source() {
    for (const each of scanned) {
      yield each;
      if (everyMs > 0) {
        vi.setSystemTime(Date.now() + everyMs);
      }
    }
  }
  try {
    for await (const page of pagesOf(source(), task, wanted, lastAttempt)) {
      found.push(page);
    }
  } catch (caught) {
    error = caught;
  }
  const sum = (of: (page: ScanPage) => number) => found.reduce((total, page) => total + of(page), 0);
  return {
    found,
    error,
    cursor: found.reduce<string | null>((last, page) => page.cursor ?? last, null),
    failure: found.find((page) => page.failure)?.failure ?? null,
    rows: sum((page) => page.rows.length),
    repositories: sum((page) => page.repositories),
    repositoriesScanned: sum((page) => page.repositoriesScanned),
    tagsScanned: sum((page) => page.tagsScanned),
  };
}

describe("pagesOf", () => {
  // How long a page gathers is told by the clock: here it stands still, unless a test moves it.
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  test("pages come soon at first, then ever larger ones, two a second at most", async () => {
    const names = Array.from({ length: 40 }, (_, n) => `team/app${String(n).padStart(2, "0")}`);
    const result = await pages(
      names.map((name) => read(name, 1)),
      { everyMs: 50 },
    );
    expect(result.rows).toBe(40);
    expect(result.found.map((page) => page.rows.length)).toEqual([1, 1, 1, 1, 2, 3, 6, 10, 10, 5]);
  });

  test("the first repository is a page of its own, the others gather", async () => {
    const result = await pages([read("team/a", 2), read("team/b", 0), read("team/c", 1)]);
    expect(result).toMatchObject({
      error: null,
      cursor: "team/c",
      rows: 3,
      repositories: 2,
      repositoriesScanned: 3,
      tagsScanned: 6,
    });
    expect(result.found.map((page) => page.rows.length)).toEqual([2, 1]);
  });

  test("what is gathered does not wait for a repository that is late", async () => {
    const late = Promise.withResolvers<void>();
    async function* source() {
      yield* [read("team/a", 1), read("team/b", 2), read("team/c", 3)];
      await late.promise;
      yield read("team/d", 4);
    }
    const iterator = pagesOf(source(), task, everything, false);
    const rowsOfNext = async () => (await iterator.next()).value?.rows.length;
    // That the third one is complete is known when the one after it comes.
    expect([await rowsOfNext(), await rowsOfNext()]).toEqual([1, 2]);
    late.resolve();
    expect([await rowsOfNext(), await rowsOfNext()]).toEqual([7, undefined]);
  });

  test("a repository of which nothing more comes is handed on before the next one has come", async () => {
    const late = Promise.withResolvers<void>();
    async function* source() {
      yield { ...read("team/a", 1), whole: true as const };
      await late.promise;
      yield { ...read("team/b", 2), whole: true as const };
    }
    const iterator = pagesOf(source(), task, everything, false);
    let handedOn: string | null | undefined;
    const first = iterator.next().then(({ value }) => {
      handedOn = value?.cursor;
    });
    // Nothing but the next repository has to be waited for.
    await new Promise(setImmediate);
    expect(handedOn).toBe("team/a");
    late.resolve();
    await first;
    const { value } = await iterator.next();
    expect([value?.cursor, value?.rows.length]).toEqual(["team/b", 2]);
    expect((await iterator.next()).done).toBe(true);
  });

  test("a repository that comes twice is one, whether or not it says that nothing more of it comes", async () => {
    const whole = (part: ScannedRepository): ScannedRepository => ({ ...part, whole: true });
    const result = await pages([
      whole(read("team/a", 1)),
      read("team/b", 2),
      whole(broken("team/b", 403)),
      read("team/c", 1),
      broken("team/c", 403),
      whole(read("team/d", 1)),
    ]);
    expect(result).toMatchObject({
      error: null,
      failure: { httpStatus: 403 },
      rows: 5,
      repositories: 4,
      repositoriesScanned: 4,
      cursor: "team/d",
    });
  });

  test("a large repository comes in several pages; only the last moves the cursor and counts it", async () => {
    const { found, ...result } = await pages([read("team/large", 1_201)]);
    expect(result).toMatchObject({
      rows: 1_201,
      repositories: 1,
      repositoriesScanned: 1,
      cursor: "team/large",
    });
    expect(found.map((page) => page.cursor)).toEqual([null, null, "team/large"]);
  });

  test("what can never be read is noted and passed over, counted once with what could be read of it", async () => {
    const result = await pages([
      read("team/a", 1),
      read("team/b", 1),
      broken("team/b", 403),
      read("team/c", 1),
    ]);
    expect(result).toMatchObject({
      error: null,
      failure: { httpStatus: 403, side: "source" },
      rows: 3,
      repositories: 3,
      repositoriesScanned: 3,
      cursor: "team/c",
    });
  });

  test("what may be readable later breaks the scan off before it, without a failure on the task", async () => {
    const scanned = [read("team/a", 1), read("team/b", 1), broken("team/b", 503), read("team/c", 1)];
    expect(await pages(scanned)).toMatchObject({
      error: expect.any(CopyError),
      failure: null,
      rows: 1,
      repositoriesScanned: 1,
      cursor: "team/a",
    });
    expect(await pages(scanned, { lastAttempt: true })).toMatchObject({
      error: null,
      failure: { httpStatus: 503 },
      rows: 3,
      repositoriesScanned: 3,
    });
  });

  test("a name that the target would refuse is a failure, not a transfer", async () => {
    const long = `team/${"x".repeat(300)}`;
    expect(await pages([read(long, 1)])).toMatchObject({
      rows: 0,
      failure: { code: "NAME_INVALID", side: "target" },
    });
  });

  test("only what is wanted becomes a transfer", async () => {
    const wanted = (_target: string, _repository: string, tag: string) => tag === "1";
    expect(await pages([read("team/a", 3)], { wanted })).toMatchObject({ rows: 1, repositories: 1 });
  });
});
