import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { createContext, runInContext } from "node:vm";
import { Suspense } from "react";
import { renderToPipeableStream } from "react-dom/server";
import { expect, test } from "vitest";

/** More than React shows together with what is around it. */
const LONG = "row ".repeat(5_000);

test("a list that is longer than the first bytes of its page waits for a frame, not for 300 ms after the last one", async () => {
  const written = new PassThrough();
  const { pipe } = renderToPipeableStream(
    <main>
      <Suspense>
        <p>{LONG}</p>
      </Suspense>
    </main>,
    { onAllReady: () => pipe(written) },
  );
  const markup = await text(written);
  // React's own script asks for the time at which it showed something last, and waits for a frame where it knows none.
  expect(markup).toContain('"number"!==typeof $RT?requestAnimationFrame(');
  const page = createContext({
    document: { addEventListener: () => undefined, documentElement: { dataset: {} } },
    addEventListener: () => undefined,
  });
  runInContext("var window = globalThis", page);
  runInContext(readFileSync("public/early.js", "utf8"), page);
  expect(runInContext("$RT = 5; typeof $RT", page)).toBe("undefined");
});
