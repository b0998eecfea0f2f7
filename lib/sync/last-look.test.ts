import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { AbsenceList, isFresh } from "./last-look.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A repository of a target with its tags, and how a list of them is answered. */
function target({ slowMs = 0, pages = 1, lag = false, lists = true } = {}) {
  const standing = new Set<string>();
  let asked = 0;
  return {
    standing,
    asked: () => asked,
    async *tags() {
      asked += 1;
      const names = lag ? [] : [...standing];
      await new Promise((resolve) => setTimeout(resolve, slowMs));
      if (!lists) {
        throw new Error("may not list");
      }
      for (let page = 1; page < pages; page += 1) {
        yield [];
      }
      yield names;
    },
  };
}

const none = (count: number) => Array.from({ length: count }, () => false);

/** Looks, one after the other, at tags that nobody wrote. */
async function looks(list: AbsenceList, count: number): Promise<boolean[]> {
  const lacking: boolean[] = [];
  for (let look = 0; look < count; look += 1) {
    const answer = list.lacks(`absent-${look}`, {});
    await vi.advanceTimersByTimeAsync(0);
    lacking.push(await answer);
  }
  return lacking;
}

/** We write a tag, and the target has it. */
function write(list: AbsenceList, repository: ReturnType<typeof target>, tag: string): void {
  repository.standing.add(tag);
  list.wrote(tag);
}

describe("a list in place of a question a tag", () => {
  test("when there are many, for a second, and it names what others wrote", async () => {
    const repository = target();
    const list = new AbsenceList(repository);
    write(list, repository, "ours");
    repository.standing.add("theirs");
    expect(await looks(list, 20)).toEqual([...none(15), ...Array(5).fill(true)]);
    expect(await list.lacks("theirs", {})).toBe(false);
    expect(repository.asked()).toBe(1);
  });

  test("after a second it is asked for anew, when there are as many again", async () => {
    const repository = target();
    const list = new AbsenceList(repository);
    write(list, repository, "one");
    await looks(list, 16);
    await vi.advanceTimersByTimeAsync(1_001);
    write(list, repository, "two");
    repository.standing.add("absent-19");
    expect(await looks(list, 20)).toEqual([...none(15), true, true, true, true, false]);
    expect(repository.asked()).toBe(2);
  });

  test("one for all who want it at once", async () => {
    const repository = target();
    const list = new AbsenceList(repository);
    write(list, repository, "ours");
    const asked = Promise.all(Array.from({ length: 40 }, (_, look) => list.lacks(`absent-${look}`, {})));
    await vi.advanceTimersByTimeAsync(0);
    expect((await asked).filter(Boolean)).toHaveLength(25);
    expect(repository.asked()).toBe(1);
  });
});

describe("a list that proves nothing does not count", () => {
  test("nothing of ours can be in it", async () => {
    const repository = target();
    expect(await looks(new AbsenceList(repository), 40)).toEqual(none(40));
    expect(repository.asked()).toBe(0);
  });

  test.each([
    ["it lacks what we wrote", { lag: true }],
    ["we may not list", { lists: false }],
  ])("%s: and none is asked for again", async (_what, how) => {
    const repository = target(how);
    const list = new AbsenceList(repository);
    write(list, repository, "ours");
    expect(await looks(list, 40)).toEqual(none(40));
    expect(repository.asked()).toBe(1);
  });

  test("it took longer than it counts", async () => {
    const repository = target({ slowMs: 1_500 });
    const list = new AbsenceList(repository);
    write(list, repository, "ours");
    await looks(list, 15);
    const late = list.lacks("absent", {});
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await late).toBe(false);
    expect(await looks(list, 40)).toEqual(none(40));
    expect(repository.asked()).toBe(1);
  });
});

test("of a long list, once enough was written, the part where that is done", async () => {
  const standing = new Set(Array.from({ length: 5_000 }, (_, number) => `old-${10_000 + number}`));
  const asked: (string | undefined)[] = [];
  const repository = {
    async *tags({ after }: { after?: string | undefined } = {}) {
      asked.push(after);
      const behind = [...standing].filter((tag) => after === undefined || tag > after).sort();
      for (let from = 0; from < behind.length; from += 1_000) {
        yield behind.slice(from, from + 1_000);
      }
    },
  };
  const list = new AbsenceList(repository);
  const write = (from: number, to: number) => {
    for (let number = from; number < to; number += 1) {
      const tag = `v${10_000 + number}`;
      standing.add(tag);
      list.wrote(tag);
    }
  };
  const look = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, number) => list.lacks(`v${20_000 + number}`, {})));
  write(0, 10);
  expect(await look(20)).toEqual(none(20));
  await vi.advanceTimersByTimeAsync(1_001);
  // Ten are no proof: nothing is asked for.
  expect(await look(20)).toEqual(none(20));
  write(10, 40);
  standing.add("v20019");
  expect(await look(20)).toEqual([...Array(19).fill(true), false]);
  await vi.advanceTimersByTimeAsync(1_001);
  write(40, 80);
  // The list before was worth it: so is this one.
  expect(await look(20)).toEqual([...Array(19).fill(true), false]);
  expect(asked).toEqual([undefined, "v10000", "v10040"]);
});

test("what was asked is as good as asked now for a second", async () => {
  const askedAtMs = performance.now();
  expect(isFresh(undefined)).toBe(false);
  expect(isFresh(askedAtMs)).toBe(true);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(isFresh(askedAtMs)).toBe(true);
  await vi.advanceTimersByTimeAsync(1);
  expect(isFresh(askedAtMs)).toBe(false);
});
