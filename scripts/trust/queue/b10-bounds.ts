import { setTimeout as sleep } from "node:timers/promises";
import { meets, type TrustCase } from "../trust-case.ts";
import { seconds, underLoad } from "./figures.ts";
import { stalledWaits } from "./stalled-endpoints.ts";
import { findWaits } from "./wait-bounds.ts";

/** A busy machine hears of its own clock late. */
const SLACK_MS = 15_000;

export const b10: TrustCase = {
  id: "B10",
  title: "every wait for something outside has an end",
  withinMs: 480_000,
  async run(trust) {
    const { waits, unbounded } = findWaits();
    meets(
      unbounded.length === 0,
      `${unbounded.length} of ${waits} waits in the code have no bound: ${unbounded.join(", ")}`,
    );
    const stalled = await stalledWaits(trust, await trust.database(), !trust.full);
    const startedAt = performance.now();
    const times = await Promise.all(
      stalled.map(async ({ what, boundS, act }) => {
        const late = sleep(boundS * 1_000 + SLACK_MS, "late" as const, { ref: false });
        const ended = act().then(
          () => "ended" as const,
          () => "ended" as const,
        );
        const outcome = await Promise.race([ended, late]);
        const ms = performance.now() - startedAt;
        trust.step(`${what}: ${outcome === "late" ? "still waits" : "over"} after ${seconds(ms)}`);
        return { what, ms, late: outcome === "late" };
      }),
    );
    const endless = times.filter(({ late }) => late).map(({ what }) => what);
    const figure =
      `0 of ${waits} waits in the code without a bound; ${times.length - endless.length}/${times.length} kinds ended at an ` +
      `endpoint that fell silent, the longest after ${seconds(Math.max(...times.map(({ ms }) => ms)))}, ${underLoad()}`;
    meets(endless.length === 0, [figure, ...endless].join("; "));
    return figure;
  },
};
