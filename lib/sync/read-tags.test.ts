import { expect, test } from "vitest";
import type { Repository, ResolveOptions } from "../registry/repository.ts";
import { MEDIA } from "../testing/content.ts";
import { readingOf, readTags } from "./read-tags.ts";
import type { Selection } from "./selection.ts";

const WANTED = Array.from({ length: 64 }, (_, place) => `build-${String(place).padStart(2, "0")}`);

const digestOf = (place: number) => `sha256:${"abcdef9"[Math.floor(place / 10)]?.repeat(64)}`;

/** Ten tags that stand beside each other name the same. Answers come in the order of the questions, all that wait at a time. */
function builds() {
  const heard = { asked: 0, still: 0, rounds: 0 };
  const waiting: (() => void)[] = [];
  const answerAll = () => {
    heard.rounds += 1;
    for (const answer of waiting.splice(0)) {
      answer();
    }
  };
  const resolve = async (tag: string, { known }: ResolveOptions) => {
    heard.asked += 1;
    await new Promise<void>((answer) => {
      if (waiting.push(answer) === 1) {
        setImmediate(answerAll);
      }
    });
    const digest = digestOf(WANTED.indexOf(tag));
    heard.still += known?.digest === digest ? 1 : 0;
    return known?.digest === digest ? known : { mediaType: MEDIA.manifest, digest, size: 2 };
  };
  return { heard, repository: { name: "team/app", resolve } as unknown as Repository };
}

test("few tags of many are asked for first, and most of the others only whether they name the same", async () => {
  const { heard, repository } = builds();
  const selection = { resourceType: "all" } as Selection;
  const reading = readingOf(selection, new AbortController().signal);
  const names = { listed: 64, wanted: WANTED, digestTags: null };
  const [scanned] = await readTags(repository, names, reading);
  expect(scanned).toMatchObject({
    tags: WANTED.map((tag, place) => ({ tag, digest: digestOf(place) })),
  });
  expect(heard.asked).toBe(64);
  expect(heard.still).toBeGreaterThan(45);
  expect(heard.rounds).toBeLessThanOrEqual(4);
});
