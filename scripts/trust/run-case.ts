import { createHash } from "node:crypto";
import { closeDatabase } from "../../lib/db/client.ts";
import { closeBoss, prepareQueues } from "../../lib/queue/boss.ts";
import { testDatabase } from "../../lib/testing/database.ts";
import { TargetMissed, type Trust, type TrustCase } from "./trust-case.ts";

export interface RunOptions {
  readonly full: boolean;
  readonly seed: number;
  readonly onStep?: (text: string) => void;
}

export interface Outcome {
  readonly id: string;
  readonly title: string;
  readonly met: boolean;
  /** The figure, or what went wrong. */
  readonly figure: string;
  readonly seconds: number;
  /** What a case threw that is no missed target. */
  readonly error?: unknown;
}

const FULL_WITHIN_MS = 300_000;
/** Longest that a case of `npm test` may take, milliseconds. */
export const SMALL_WITHIN_MS = 180_000;

/** Runs one case within its time and cleans up behind it. Never throws. */
export async function runCase(each: TrustCase, options: RunOptions): Promise<Outcome> {
  const { id, title } = each;
  const startedAt = performance.now();
  const cleanUps: (() => unknown)[] = [];
  const withinMs = options.full ? (each.withinMs ?? FULL_WITHIN_MS) : SMALL_WITHIN_MS;
  const seconds = () => (performance.now() - startedAt) / 1000;
  try {
    const figure = await within(withinMs, each.run(trustFor(id, options, cleanUps)));
    return { id, title, met: true, figure, seconds: seconds() };
  } catch (error) {
    const figure = error instanceof Error ? error.message : String(error);
    const unexpected = error instanceof TargetMissed ? {} : { error };
    return { id, title, met: false, figure, seconds: seconds(), ...unexpected };
  } finally {
    for (const cleanUp of cleanUps.reverse()) {
      try {
        await cleanUp();
      } catch (error) {
        options.onStep?.(`cleaning up: ${error}`);
      }
    }
  }
}

function trustFor(id: string, options: RunOptions, cleanUps: (() => unknown)[]): Trust {
  const cleanup = (work: () => unknown) => void cleanUps.push(work);
  return {
    full: options.full,
    seed: options.seed,
    random: randomNumbers(`${options.seed}/${id}`),
    step: (text) => options.onStep?.(text),
    cleanup,
    async database() {
      const fresh = await testDatabase();
      cleanup(fresh.drop);
      await prepareQueues(fresh.url);
      process.env.DATABASE_URL = fresh.url;
      cleanup(closeDatabase);
      cleanup(closeBoss);
      return fresh.url;
    },
  };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TargetMissed(`not done after ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}

/** Mulberry32: short, and the same on every machine. */
function randomNumbers(seed: string): () => number {
  let state = createHash("sha256").update(seed).digest().readInt32LE();
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
