import { instancePasswordPlace } from "../db/instance-connection.ts";
import { instanceChecks } from "../db/schema/history.ts";
import { instances } from "../db/schema/instances.ts";
import { DAY, HOUR, inBatches, MINUTE, SECOND, type Seed } from "./console-seed-base.ts";
import { type Health, PLACES, type Place } from "./console-seed-places.ts";

type InstanceRow = typeof instances.$inferInsert;

export interface SeedInstancesOptions {
  /** Only these; by default all. */
  keys?: readonly string[];
  /** Origins of real registries, by key: these are healthy. */
  addresses?: Readonly<Record<string, string>>;
  /** As lib/secrets seals with the console's key; without it nothing opens a password. */
  seal?: (plaintext: string, place: string) => string;
}

/** @returns the ids by key */
export async function seedInstances(
  seed: Seed,
  { keys, addresses = {}, seal = () => "seeded" }: SeedInstancesOptions = {},
): Promise<Record<string, string>> {
  const places = PLACES.filter(({ key }) => keys === undefined || keys.includes(key)).map((place): Place => {
    const address = addresses[place.key];
    return address === undefined
      ? place
      : { ...place, health: "healthy", host: new URL(address).host, plainHttp: address.startsWith("http:") };
  });
  const rows = places.map((place, index) => {
    const row = rowOf(seed, place, index);
    const passwordSealed =
      place.credentialDays === undefined ? null : seal("seeded", instancePasswordPlace(row.id));
    return { place, row: { ...row, passwordSealed } };
  });
  await seed.db.insert(instances).values(rows.map(({ row }) => row));
  const checks = rows.flatMap(({ place, row }) => checksOf(seed, place, row.id));
  await inBatches(checks, (some) => seed.db.insert(instanceChecks).values(some));
  return Object.fromEntries(rows.map(({ place, row }) => [place.key, row.id]));
}

function rowOf(seed: Seed, place: Place, index: number): InstanceRow & { id: string } {
  const { health = "healthy", credentialDays, latencyMs, software, plainHttp = false } = place;
  const checked = health === "unknown" ? null : seed.ago((5 + index) * SECOND);
  return {
    id: seed.id((90 - index) * DAY),
    name: place.name,
    region: place.region,
    address: `${plainHttp ? "http" : "https"}://${place.host}`,
    vendor: place.vendor ?? "distribution",
    plainHttp,
    username: credentialDays === undefined ? null : "robot$lockstep",
    credentialSetAt: credentialDays === undefined ? null : seed.ago(credentialDays * DAY),
    healthStatus: health,
    healthCheckedAt: checked,
    healthLatencyMs: health === "unreachable" ? null : (latencyMs ?? null),
    healthCode: place.code ?? null,
    healthDetail: place.detail ?? null,
    capabilities:
      checked === null || health === "unreachable"
        ? null
        : {
            probedAt: seed.ago(6 * MINUTE + index * SECOND).toISOString(),
            software: software ?? null,
            list: place.vendor !== "generic",
            referrers: software?.startsWith("Harbor") ?? null,
            delete: place.vendor === "generic" ? null : index % 2 === 0,
            chunk: true,
          },
    createdAt: seed.ago((90 - index) * DAY),
    updatedAt: seed.ago(credentialDays === undefined ? 20 * DAY : credentialDays * DAY),
    taskCounter: 0,
  };
}

/** As often as an instance is checked: every minute, and every five once it has been away for an hour. */
const CHECK_EVERY = MINUTE;
const CHECK_LOST_EVERY = 5 * MINUTE;
/** What is down now went down this long ago; before that it flapped for a while. */
const DOWN_SINCE = 3 * HOUR + 20 * MINUTE;
/** What is well was away once: this long ago, for this long. */
const AWAY_AGO = 6 * HOUR + 25 * MINUTE;
const AWAY_FOR = 3 * MINUTE;
/** Latencies are spread by as many draws as ever, so that what is drawn after them stays as it was. */
const SPREADS = 288;

/** When an instance was checked in the last day, ms ago, the latest first. */
function checkTimes(health: Place["health"]): number[] {
  const times: number[] = [];
  for (let agoMs = 5 * SECOND; agoMs < DAY; ) {
    times.push(agoMs);
    const lost = health === "unreachable" && agoMs < DOWN_SINCE - HOUR;
    agoMs += lost ? CHECK_LOST_EVERY : CHECK_EVERY;
  }
  return times;
}

function checksOf(seed: Seed, place: Place, instanceId: string): (typeof instanceChecks.$inferInsert)[] {
  const { health = "healthy", latencyMs = 20, code = null } = place;
  if (health === "unknown") {
    return [];
  }
  const spreads = Array.from({ length: SPREADS }, () => 0.75 + seed.random() * 0.6);
  return checkTimes(health).map((agoMs, index) => {
    const down =
      (health === "unreachable" && (agoMs < DOWN_SINCE || (agoMs < 5 * HOUR && index % 7 === 0))) ||
      (health === "healthy" && agoMs >= AWAY_AGO && agoMs < AWAY_AGO + AWAY_FOR);
    const slow = health === "slow" ? agoMs < 8 * HOUR : index % 97 === 41;
    const status: Health = down ? "unreachable" : slow ? "slow" : "healthy";
    const spread = spreads[index % SPREADS] ?? 1;
    const base = slow && health !== "slow" ? 1400 : slow ? latencyMs : Math.min(latencyMs, 320);
    return {
      instanceId,
      at: seed.ago(agoMs),
      status,
      latencyMs: down ? null : Math.round(base * spread),
      code: down ? (code ?? "TIMEOUT") : null,
    };
  });
}
