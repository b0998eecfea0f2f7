/** Runs once when a web process starts. */
export async function register(): Promise<void> {
  // The bundler builds this file for the edge too, and leaves out what such a block holds; an early return it keeps.
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { noteRequests } = await import("./lib/auth/client-address.ts");
    noteRequests();
    const { noteAnswers } = await import("./lib/auth/answer-status.ts");
    noteAnswers();
    const { closeLive } = await import("./lib/data/live.ts");
    const { keepHearing } = await import("./lib/data/web-presence.ts");
    keepHearing();
    const { log } = await import("./lib/log.ts");
    // `next start` waits for open requests before it ends, and a live stream never ends by itself.
    for (const signal of ["SIGTERM", "SIGINT"]) {
      process.once(signal, () => {
        closeLive().catch((error: unknown) =>
          log.warn({ err: error }, "live streams were not closed in order"),
        );
      });
    }
  }
}
