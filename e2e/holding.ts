import type { Page } from "@playwright/test";

declare global {
  interface Window {
    /** Lets React's work have one more turn; `end`: all of them, from now on. */
    turns: { take(): void; end(): void };
  }
}

/** Holds every script that is asked for from now on, until `release`. */
export async function holdScripts(page: Page): Promise<{ release(): void }> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route("**/_next/static/**/*.js", async (route) => {
    await released;
    await route.fallback();
  });
  return { release: () => release() };
}

/** Holds what is posted to a page until `release`; `asked` once it is. */
export async function holdAnswer(
  page: Page,
  path: string,
): Promise<{ asked: Promise<void>; release(): void }> {
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  await page.route(
    (url) => url.pathname === path,
    async (route) => {
      if (route.request().method() === "POST") {
        asked.resolve();
        await released.promise;
      }
      await route.fallback();
    },
  );
  return { asked: asked.promise, release: () => released.resolve() };
}

/**
 * React gets no turn to work on the pages that are opened from now on, but those that are taken: it can be met with a page half taken
 * over. A turn is as short as can be, since React asks for the time before each element and believes that it has worked for 6 ms.
 */
export async function holdTurns(page: Page): Promise<void> {
  await page.addInitScript(() => {
    /** How often the time is asked for before a turn's first element. */
    const BEGINNING = 12;
    const now = performance.now.bind(performance);
    let asked: number | null = null;
    performance.now = () => {
      asked = asked === null ? null : asked + 1;
      return now() + (asked !== null && asked > BEGINNING ? 6 : 0);
    };
    let ended = false;
    const waiting: (() => void)[] = [];
    window.turns = {
      take: () => waiting.shift()?.(),
      end: () => {
        ended = true;
        for (const turn of waiting.splice(0)) {
          turn();
        }
        asked = null;
      },
    };
    window.MessageChannel = class extends MessageChannel {
      constructor() {
        super();
        const post = this.port2.postMessage.bind(this.port2);
        this.port2.postMessage = (message: unknown) => {
          const turn = () => {
            asked = ended ? null : 0;
            post(message);
          };
          if (ended) {
            turn();
          } else {
            waiting.push(turn);
          }
        };
      }
    };
  });
}
