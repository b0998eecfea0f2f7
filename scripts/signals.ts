/** npm passes Ctrl-C on to a child that the terminal has told already: what follows within this time is the same key stroke. */
const SAME_STROKE_MS = 1_000;

/** The first Ctrl-C or SIGTERM asks to stop, another one insists. */
export function onStopSignal(stop: () => void, insist: () => void): void {
  let firstAt: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (firstAt === undefined) {
        firstAt = performance.now();
        stop();
      } else if (performance.now() - firstAt > SAME_STROKE_MS) {
        insist();
      }
    });
  }
}
