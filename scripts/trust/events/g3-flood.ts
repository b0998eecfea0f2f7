import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { database } from "../../../lib/db/client.ts";
import { events } from "../../../lib/db/schema/events.ts";
import { tasks } from "../../../lib/db/schema/tasks.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { smallImage } from "../../../lib/testing/sync-world.ts";
import { percentile, seconds, underLoad } from "../queue/figures.ts";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import {
  type EventWorld,
  NAMESPACE,
  openEventWorld,
  type Place,
  pushOf,
  type Sender,
  settled,
  tell,
} from "./event-world.ts";
import { residentMib } from "./resident.ts";

const MIB = 1024 * 1024;

/** What a machine that does nothing else keeps; the small size of `npm test` runs beside other work. */
interface Bounds {
  tags: number;
  rules: number;
  events: number;
  overMs: number;
  ackP95Ms: number;
  pageP95Ms: number;
  growthMib: number;
}
const FULL: Bounds = {
  tags: 40,
  rules: 5,
  events: 10_000,
  overMs: 60_000,
  ackP95Ms: 50,
  pageP95Ms: 300,
  growthMib: 64,
};
const SMALL: Bounds = {
  tags: 8,
  rules: 2,
  events: 120,
  overMs: 2_000,
  ackP95Ms: 10_000,
  pageP95Ms: 20_000,
  growthMib: 256,
};

export const g3: TrustCase = {
  id: "G3",
  title:
    "10,000 events in a minute: answered at once, few tasks, the console stays quick, memory flat; too large and too many are refused",
  async run(trust) {
    const bounds = trust.full ? FULL : SMALL;
    const world = await openEventWorld(trust);
    const [source, target] = [await world.place({ tells: false }), await world.place({ tells: false })];
    for (let tag = 0; tag < bounds.tags; tag++) {
      await pushContent(
        source.registry.origin,
        repositoryOf(tag, bounds),
        `${tag}`,
        smallImage(`flood ${tag}`),
      );
    }
    for (let rule = 0; rule < bounds.rules; rule++) {
      await world.rule(source, [target], `app${rule}`);
    }
    const worker = await world.worker();
    await warm(world, source, bounds);
    const watched = watch(trust, world, source.id);
    const memory = [watchMemory(trust, world.web.pid), watchMemory(trust, worker.pid)] as const;
    const acks = await flood(source, bounds);
    const { pages, mostPending } = await watched.end();
    await settled(120_000);
    const lost = await database().$count(events, sql`${events.state} = 'accepted'`);
    const refused = await refusals(world, source, trust.full);
    const started = await database().$count(tasks);
    const figures = {
      ack: percentile(acks.ms, 0.95),
      page: percentile(pages, 0.95),
      web: memory[0].growth(),
      worker: memory[1].growth(),
    };
    const figure = [
      `${acks.ms.length} events in ${seconds(acks.tookMs)}: ack p95 ${figures.ack.toFixed(0)} ms (median ${percentile(acks.ms, 0.5).toFixed(0)})`,
      `most pending a rule ${mostPending}, ${started} tasks of ${bounds.rules} rules`,
      `page p95 ${figures.page.toFixed(0)} ms of ${pages.length}`,
      `memory in the second half: web ${signed(figures.web)} MiB, worker ${signed(figures.worker)} MiB`,
      refused,
      underLoad(),
    ].join("; ");
    meets(
      acks.refused === 0 &&
        lost === 0 &&
        mostPending <= 1 &&
        figures.ack <= bounds.ackP95Ms &&
        figures.page <= bounds.pageP95Ms &&
        Math.max(figures.web, figures.worker) <= bounds.growthMib,
      `${figure}; ${acks.refused} not taken, ${lost} left in the inbox`,
    );
    return figure;
  },
};

/** Each rule has repositories of its own, so that an event concerns one of them. */
const repositoryOf = (tag: number, { rules }: Bounds): string => `${NAMESPACE}/app${tag % rules}`;
const nthPush = (n: number, bounds: Bounds) =>
  pushOf(`${n % bounds.tags}`, repositoryOf(n % bounds.tags, bounds));

/** Both processes have compiled what they run, and the first copies are done. */
async function warm(world: EventWorld, source: Sender, bounds: Bounds): Promise<void> {
  for (let n = 0; n < Math.min(300, bounds.events); n++) {
    await tell(source, nthPush(n, bounds));
  }
  for (let n = 0; n < 10; n++) {
    await world.web.get(`/rules?instance=${source.id}`);
  }
  await settled(60_000);
}

/** Sends at the wished pace whatever the answers take, each event as a request of its own. */
async function flood(source: Sender, bounds: Bounds) {
  const { events: count, overMs } = bounds;
  const startedAt = performance.now();
  const answers: Promise<{ status: number; ms: number }>[] = [];
  for (let n = 0; n < count; n++) {
    const dueMs = startedAt + (n * overMs) / count - performance.now();
    if (dueMs > 1) {
      await sleep(dueMs);
    }
    answers.push(tell(source, nthPush(n, bounds)));
  }
  const all = await Promise.all(answers);
  return {
    ms: all.map(({ ms }) => ms),
    refused: all.filter(({ status }) => status !== 202).length,
    tookMs: performance.now() - startedAt,
  };
}

/** Opens pages as people do meanwhile, and looks how many tasks wait. */
function watch(trust: Trust, { web }: EventWorld, instanceId: string) {
  const pages: number[] = [];
  let mostPending = 0;
  let over = false;
  const looking = (async () => {
    while (!over) {
      for (const path of [
        `/rules?instance=${instanceId}`,
        `/api/rules?instance=${instanceId}`,
        `/instances/${instanceId}`,
      ]) {
        const startedAt = performance.now();
        const { status } = await web.get(path);
        pages.push(performance.now() - startedAt);
        meets(status === 200, `${path} answered ${status}`);
      }
      const { rows } = await database().execute<{ most: number }>(sql`
        select coalesce(max(n), 0)::int as most from (
          select count(*) as n from tasks where status = 'pending' group by rule_id) as waiting`);
      mostPending = Math.max(mostPending, rows[0]?.most ?? 0);
      await sleep(1_000);
    }
  })();
  trust.cleanup(() => {
    over = true;
    return looking.catch(() => undefined);
  });
  return {
    async end() {
      over = true;
      await looking;
      return { pages, mostPending };
    },
  };
}

const signed = (mib: number): string => `${mib < 0 ? "" : "+"}${mib}`;

/** Resident memory of a process. In the first half its heap takes the size that it needs: then it is to be flat. */
function watchMemory(trust: Trust, pid: number) {
  const samples: number[] = [];
  const sampling = setInterval(() => samples.push(residentMib(pid)), 250);
  trust.cleanup(() => clearInterval(sampling));
  const mean = (some: readonly number[]) =>
    some.reduce((sum, mib) => sum + mib, 0) / Math.max(1, some.length);
  return {
    /** How much more the last fifth holds than the middle one, MiB. */
    growth(): number {
      clearInterval(sampling);
      const fifth = Math.ceil(samples.length / 5);
      const middle = samples.slice(Math.floor(samples.length / 2), Math.floor(samples.length / 2) + fifth);
      return Math.round(mean(samples.slice(-fifth)) - mean(middle));
    },
  };
}

/** More than a mebibyte is 413, announced or not; a token that floods is 429 and told when to come back, and no other token. */
async function refusals(world: EventWorld, sender: Place, full: boolean): Promise<string> {
  const large = await tell(sender, `"${"x".repeat(MIB)}"`);
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
  });
  const endless = await fetch(sender.url, {
    method: "POST",
    body: stream,
    duplex: "half",
    headers: { authorization: `Bearer ${sender.token}` },
  } as RequestInit).then(
    ({ status }) => status,
    // Answered and closed while the body was still coming.
    () => 413,
  );
  meets(large.status === 413 && endless === 413, `1 MiB and more: ${large.status}, endless: ${endless}`);
  const [greedy, calm] = [await world.sender(), await world.sender()];
  const nothing = { events: [] };
  let limited = 0;
  let sent = 0;
  const lane = async () => {
    while (limited === 0 && sent < 30_000) {
      sent += 1;
      limited += (await tell(greedy, nothing)).status === 429 ? 1 : 0;
    }
  };
  if (full) {
    await Promise.all(Array.from({ length: 64 }, lane));
    // A slow machine never answers more than a token may ask: then nothing has to be held back.
    const other = await tell(calm, pushOf("1"));
    meets(other.status === 202, `another token was answered ${other.status}`);
  }
  return `413 beyond 1 MiB; ${full ? (limited > 0 ? `429 after ${sent} requests of one token, not of another` : `no 429 in ${sent} requests: the machine is slower than the limit`) : "429 at full size"}`;
}
