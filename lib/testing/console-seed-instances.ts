import { instanceChecks } from "../db/schema/history.ts";
import { instances } from "../db/schema/instances.ts";
import { DAY, HOUR, inBatches, MINUTE, SECOND, type Seed } from "./console-seed-base.ts";

type InstanceRow = typeof instances.$inferInsert;
type Health = NonNullable<InstanceRow["healthStatus"]>;

interface Place {
  key: string;
  name: string;
  region: string;
  host: string;
  vendor?: "generic";
  software?: string;
  /** Milliseconds in the middle of its day. */
  latencyMs?: number;
  health?: Health;
  code?: string;
  detail?: string;
  /** Days since its credential was replaced; absent: anonymous. */
  credentialDays?: number;
  plainHttp?: boolean;
}

const HTML = '<img src=x onerror="alert(1)">';
/** U+0645… is written from right to left. */
const RTL = "\u0645\u062e\u0632\u0646 \u0627\u0644\u0635\u0648\u0631";

/** Every state an instance can be in, in several regions, two of them with names that want to break the page. */
const PLACES: readonly Place[] = [
  {
    key: "shanghai",
    name: "上海",
    region: "华东",
    host: "registry.sh.example.com",
    software: "Harbor 2.13.1",
    latencyMs: 18,
    credentialDays: 12,
  },
  {
    key: "hangzhou",
    name: "杭州",
    region: "华东",
    host: "registry.hz.example.com",
    vendor: "generic",
    latencyMs: 24,
    credentialDays: 74,
  },
  {
    key: "beijing",
    name: "北京",
    region: "华北",
    host: "registry.bj.example.com",
    health: "slow",
    latencyMs: 1860,
    credentialDays: 31,
  },
  {
    key: "singapore",
    name: "新加坡",
    region: "东南亚",
    host: "registry.sg.example.com",
    software: "Harbor 2.12.4",
    latencyMs: 92,
    credentialDays: 96,
  },
  {
    key: "jakarta",
    name: "雅加达",
    region: "东南亚",
    host: "registry.jkt.example.com",
    health: "unreachable",
    code: "TIMEOUT",
    latencyMs: 140,
    credentialDays: 200,
  },
  {
    key: "frankfurt",
    name: "法兰克福",
    region: "欧洲",
    host: "registry.fra.example.com",
    software: "docker-registry 2.8.3",
    latencyMs: 188,
    credentialDays: 403,
  },
  {
    key: "london",
    name: "伦敦",
    region: "欧洲",
    host: "registry.ldn.example.com",
    health: "unreachable",
    code: "UNAUTHORIZED",
    detail: "unauthorized to list catalog",
    latencyMs: 176,
    credentialDays: 730,
  },
  {
    key: "virginia",
    name: "Virginia",
    region: "北美",
    host: "registry.iad.example.com",
    health: "unreachable",
    code: "TLS",
    detail: "CERT_HAS_EXPIRED",
    latencyMs: 210,
    credentialDays: 58,
  },
  {
    key: "oregon",
    name: "Oregon",
    region: "北美",
    host: "registry.pdx.example.com",
    health: "unreachable",
    code: "DNS",
    detail: "getaddrinfo ENOTFOUND registry.pdx.example.com",
    latencyMs: 230,
  },
  {
    key: "tokyo",
    name: "東京",
    region: "东亚",
    host: "registry.tyo.example.com:5000",
    health: "unreachable",
    code: "CONNECTION",
    detail: "ECONNREFUSED",
    latencyMs: 64,
    credentialDays: 3,
  },
  {
    key: "lab-mirror",
    name: "lab-mirror",
    region: "",
    host: "lab-mirror.example.com",
    health: "unknown",
    plainHttp: true,
  },
  { key: "lab", name: "lab", region: "", host: "lab.example.com", health: "unknown", plainHttp: true },
  {
    key: "hostile",
    name: HTML,
    region: HTML,
    host: "xn--80ak6aa92e.example.com",
    vendor: "generic",
    software: `${HTML} 1.0`,
    latencyMs: 40,
  },
  {
    key: "longest",
    name: "华东二区-生产-金融合规专用-容器镜像与制品仓库-主集群-灾备同城双活-两地三中心-只读副本-甲",
    region: "华东二区（金融合规专用可用区）",
    host: "a-registry-with-a-rather-long-host-name-that-goes-on.and-on.finance-compliance.internal.example.com:8443",
    latencyMs: 33,
    credentialDays: 9,
  },
  {
    key: "rtl",
    name: RTL,
    region: RTL,
    host: "registry.dxb.example.com",
    latencyMs: 150,
    credentialDays: 45,
  },
];

export interface SeedInstancesOptions {
  /** Only these; by default all. */
  keys?: readonly string[];
  /** Origins of real registries, by key: these are healthy. */
  addresses?: Readonly<Record<string, string>>;
}

/** @returns the ids by key */
export async function seedInstances(
  seed: Seed,
  { keys, addresses = {} }: SeedInstancesOptions = {},
): Promise<Record<string, string>> {
  const places = PLACES.filter(({ key }) => keys === undefined || keys.includes(key)).map((place): Place => {
    const address = addresses[place.key];
    return address === undefined
      ? place
      : { ...place, health: "healthy", host: new URL(address).host, plainHttp: address.startsWith("http:") };
  });
  const rows = places.map((place, index) => ({ place, row: rowOf(seed, place, index) }));
  await seed.db.insert(instances).values(rows.map(({ row }) => row));
  const checks = rows.flatMap(({ place, row }) => checksOf(seed, place, row.id));
  await inBatches(checks, (some) => seed.db.insert(instanceChecks).values(some));
  return Object.fromEntries(rows.map(({ place, row }) => [place.key, row.id]));
}

function rowOf(seed: Seed, place: Place, index: number): InstanceRow {
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
    // Nothing opens it: no worker runs beside a seeded console.
    passwordSealed: credentialDays === undefined ? null : "seeded",
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

const CHECK_EVERY = 5 * MINUTE;
/** What is down now went down this long ago; before that it flapped for a while. */
const DOWN_SINCE = 3 * HOUR + 20 * MINUTE;

function checksOf(seed: Seed, place: Place, instanceId: string): (typeof instanceChecks.$inferInsert)[] {
  const { health = "healthy", latencyMs = 20, code = null } = place;
  if (health === "unknown") {
    return [];
  }
  return Array.from({ length: DAY / CHECK_EVERY }, (_, index) => {
    const agoMs = index * CHECK_EVERY + 5 * SECOND;
    const down =
      (health === "unreachable" && (agoMs < DOWN_SINCE || (agoMs < 5 * HOUR && index % 7 === 0))) ||
      (health === "healthy" && index === 77);
    const slow = health === "slow" ? agoMs < 8 * HOUR : index % 97 === 41;
    const status: Health = down ? "unreachable" : slow ? "slow" : "healthy";
    const spread = 0.75 + seed.random() * 0.6;
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
