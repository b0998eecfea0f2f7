import type { instances } from "../db/schema/instances.ts";

export type Health = NonNullable<(typeof instances.$inferInsert)["healthStatus"]>;

/** An instance as it is seeded. */
export interface Place {
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
export const PLACES: readonly Place[] = [
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
