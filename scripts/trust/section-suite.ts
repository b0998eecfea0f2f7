import { describe, expect, test } from "vitest";
import { runCase, SMALL_WITHIN_MS } from "./run-case.ts";
import type { TrustCase } from "./trust-case.ts";

/** Fixed, so that a red run can be looked into; `npm run trust` draws a new one. */
const SEED = 20_261_124;
const CLEANING_MS = 60_000;

/** The cases of a section at their small size. */
export function trustSuite(section: string, cases: readonly TrustCase[]): void {
  describe(`trust: ${section}`, () => {
    test("every case has an id of its own", () => {
      expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
    });

    for (const each of cases) {
      const run = async () => {
        const outcome = await runCase(each, { full: false, seed: SEED });
        if (outcome.error !== undefined) {
          throw outcome.error;
        }
        expect(outcome.met, outcome.figure).toBe(true);
        process.stdout.write(`    ${each.id}: ${outcome.figure}\n`);
      };
      test(`${each.id} ${each.title}`, run, SMALL_WITHIN_MS + CLEANING_MS);
    }
  });
}
