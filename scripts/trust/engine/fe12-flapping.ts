import { setTimeout as sleep } from "node:timers/promises";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import { livesOn, MIB, openScene, type Site } from "./scene.ts";

const FLAP_MS = { full: 600_000, small: 5_000 };
/** An outage may last this long; what it interrupts has to live through several. */
const LONGEST_OUTAGE_MS = { full: 8_000, small: 1_500 };
const LONGEST_CALM_MS = { full: 12_000, small: 2_000 };
const HEALED_WITHIN_MS = 120_000;
const RATE = 6 * MIB;

export const fe12: TrustCase = {
  id: "FE12",
  title: "source and target come and go at random for ten minutes: every task heals",
  withinMs: 900_000,
  async run(trust) {
    const size = trust.full ? "full" : "small";
    const scene = await openScene(trust, await trust.database());
    const workers = await Promise.all([scene.worker(), scene.worker()]);
    scene.source.link.limit(RATE);
    const deadline = performance.now() + FLAP_MS[size];
    const counts = new Map<string, number>();
    const flapping = Promise.all(
      [scene.source, scene.target].map((site) => flap(trust, site, { size, deadline, counts })),
    );
    const taskIds = new Set<string>();
    for (let round = 0; performance.now() < deadline; round++) {
      for (let n = 0; n < 4; n++) {
        // Past the link, but a registry may be starting at this moment.
        await persist(() => scene.push(`round${round}-${n}`, Math.round(trust.random() * 3 * MIB) + 1_000));
      }
      taskIds.add(await scene.trigger());
      await sleep(Math.min(trust.full ? 15_000 : 2_000, Math.max(0, deadline - performance.now())));
    }
    await flapping;
    scene.source.link.limit(null);
    trust.step(`calm after ${[...counts].map(([what, count]) => `${count} × ${what}`).join(", ")}`);
    taskIds.add(await scene.trigger());
    const ends = [];
    for (const taskId of taskIds) {
      ends.push(await scene.ended(taskId, HEALED_WITHIN_MS));
    }
    const unhealed = ends.filter(({ status }) => status !== "succeeded");
    const failed = (await Promise.all(unhealed.map(({ id }) => scene.transfers(id))))
      .flat()
      .filter(({ status }) => status === "failed");
    const why = failed.map((row) => `${row.attempts} attempts, ${JSON.stringify(row.failure)}`);
    meets(
      unhealed.length === 0,
      `${unhealed.length} of ${ends.length} tasks did not heal: ${unhealed[0]?.status} ${JSON.stringify(unhealed[0]?.failure)} ${why.slice(0, 3).join("; ")}`,
    );
    livesOn(workers);
    const images = await scene.verify();
    const flaps = [...counts.values()].reduce((sum, count) => sum + count, 0);
    return `${flaps} outages in ${FLAP_MS[size] / 1000} s, ${ends.length}/${ends.length} tasks succeeded; ${images} images re-read`;
  },
};

interface Flapping {
  size: "full" | "small";
  deadline: number;
  /** How often each kind of outage came. */
  counts: Map<string, number>;
}

/** One registry that comes and goes, each time in another way. */
async function flap(trust: Trust, site: Site, { size, deadline, counts }: Flapping): Promise<void> {
  const outages: Record<string, (ms: number) => Promise<void>> = {
    reset: async () => site.link.reset(),
    refuse: async (ms) => {
      site.link.refuse(true);
      site.link.reset();
      await sleep(ms);
      site.link.refuse(false);
    },
    stall: async (ms) => {
      site.link.stall(true);
      await sleep(ms);
      site.link.stall(false);
    },
    crawl: async (ms) => {
      site.link.limit(20_000);
      await sleep(ms);
      site.link.limit(RATE);
    },
    kill: async (ms) => {
      await site.registry.kill();
      await sleep(ms / 2);
      await site.registry.restart();
    },
  };
  const kinds = Object.keys(outages);
  const between = (longest: number) => 200 + trust.random() * (longest - 200);
  for (;;) {
    await sleep(between(LONGEST_CALM_MS[size]));
    if (performance.now() > deadline) {
      return;
    }
    const kind = kinds[Math.floor(trust.random() * kinds.length)] ?? "reset";
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    await outages[kind]?.(between(LONGEST_OUTAGE_MS[size]));
  }
}

async function persist(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await work();
    } catch {
      await sleep(250);
    }
  }
}
