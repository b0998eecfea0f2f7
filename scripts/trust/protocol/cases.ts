import { meets, type TrustCase } from "../trust-case.ts";
import { isWritten, troubleWith } from "./results.ts";
import { PROTOCOL } from "./table.ts";

/** Every case waits for the one run of all files. */
const WITHIN_MS = 1_800_000;

/** A line for each T and R number, with the tests that hold it. The small size looks for the tests, the full one runs them. */
export const PROTOCOL_CASES: readonly TrustCase[] = PROTOCOL.map(({ id, what, tests }) => ({
  ...{ id, title: what, withinMs: WITHIN_MS },
  async run({ full }) {
    meets(tests.length > 0, "no test yet");
    for (const test of tests) {
      const named = `${test.file} › ${test.name}`;
      meets(isWritten(test), `missing: ${named}`);
      const trouble = full ? await troubleWith(test) : null;
      meets(trouble === null, `${named}: ${trouble}`);
    }
    return tests.map(({ file, name }) => `${file} › ${name}`).join("; ");
  },
}));
