import { transfers } from "../db/schema/transfers.ts";
import { digestOf, inBatches, MIB, SECOND, type Seed } from "./console-seed-base.ts";
import { FAILURES, type FailureName } from "./console-seed-failures.ts";
import type { SeededRule } from "./console-seed-rules.ts";

type TransferRow = typeof transfers.$inferInsert;

/** How many transfers of a task are in which state; failures one by one, by name. */
export interface TransferMix {
  copied?: number;
  upToDate?: number;
  exists?: number;
  sourceDeleted?: number;
  running?: number;
  pending?: number;
  stopped?: number;
  failures?: readonly FailureName[];
}

const REPOSITORIES = [
  "order-api",
  "order-worker",
  "order-web",
  "pay-gateway",
  "pay-ledger",
  "cart",
  "a-repository-whose-name-goes-on/and-on/through-several-components/until-nobody-expects-an-end",
  'odd/"quoted" & <b>bold</b>',
];

/** Counters of the task that follow from its transfers, so that a page and its rows never disagree. */
export interface TransferCounters {
  repositories: number;
  transfersTotal: number;
  transfersRunning: number;
  transfersCopied: number;
  transfersUpToDate: number;
  transfersSkipped: number;
  transfersFailed: number;
  transfersStopped: number;
  bytesTotal: number;
  bytesCopied: number;
  bytesMounted: number;
  bytesSkipped: number;
}

interface Place {
  taskId: string;
  rule: SeededRule;
  /** When the first of them may begin, and when the last has ended: so many milliseconds ago. */
  startedAgo: number;
  endedAgo: number;
}

/** The transfers of one task. */
export function planTransfers(seed: Seed, place: Place, mix: TransferMix): TransferRow[] {
  const kinds: Partial<TransferRow>[] = [
    ...(mix.failures ?? []).map(failed),
    ...Array.from({ length: mix.running ?? 0 }, () => ({ status: "running" as const })),
    ...Array.from({ length: mix.exists ?? 0 }, () => ({ status: "skipped" as const, reason: "exists" })),
    ...Array.from({ length: mix.sourceDeleted ?? 0 }, () => ({
      status: "skipped" as const,
      reason: "source-deleted",
    })),
    ...Array.from({ length: mix.copied ?? 0 }, () => ({ status: "copied" as const })),
    ...Array.from({ length: mix.upToDate ?? 0 }, () => ({ status: "up-to-date" as const })),
    ...Array.from({ length: mix.stopped ?? 0 }, () => ({ status: "stopped" as const })),
    ...Array.from({ length: mix.pending ?? 0 }, () => ({ status: "pending" as const })),
  ];
  return kinds.map((kind, index) => rowOf(seed, place, { kind, index }));
}

export function insertTransfers(seed: Seed, rows: readonly TransferRow[]): Promise<void> {
  return inBatches(rows, (some) => seed.db.insert(transfers).values(some));
}

function failed(name: FailureName): Partial<TransferRow> {
  const failure = FAILURES[name];
  const attempts = name === "timeout" || name === "connection" ? 3 : 1;
  return { status: "failed", reason: failure.code, failure, attempts };
}

/** Its attempts, one after the other from its beginning to its end. */
function attemptsOf(
  { attempts = 1, failure }: Partial<TransferRow>,
  { from, to }: { from: number; to: number },
) {
  return failure
    ? Array.from({ length: attempts }, (_, index) => ({
        attempt: index + 1,
        at: new Date(Math.round(from + ((to - from) * (index + 1)) / attempts)).toISOString(),
        fact: failure,
      }))
    : [];
}

interface Kind {
  kind: Partial<TransferRow>;
  index: number;
}

function rowOf(
  seed: Seed,
  { taskId, rule, startedAgo, endedAgo }: Place,
  { kind, index }: Kind,
): TransferRow {
  const snapshot = rule.snapshotAt(startedAgo);
  const target = snapshot.targets[index % snapshot.targets.length];
  const name = REPOSITORIES[index % REPOSITORIES.length] ?? "app";
  const namespace = snapshot.sourceNamespace;
  const repository = namespace === "" ? name : `${namespace}/${name}`;
  const place = target?.namespace ?? namespace;
  const tag =
    index % 11 === 10
      ? `sha-${digestOf(String(index)).slice(7, 47)}`
      : `v1.${Math.floor(index / 8)}.${index % 7}`;
  const sizeBytes = seed.between(8, 640) * MIB;
  const begun = kind.status !== "pending" && kind.status !== "stopped";
  const ended = begun && kind.status !== "running";
  const startedAt = seed.ago(startedAgo - seed.random() * (startedAgo - endedAgo) * 0.8);
  const share = seed.random();
  const tookMs = ended ? seed.between(2, 90) * SECOND : 0;
  const endedAt = seed.ago(Math.max(endedAgo, seed.now - startedAt.getTime() - tookMs));
  return {
    id: seed.id(startedAgo),
    taskId,
    ruleTargetId: target?.ruleTargetId ?? "",
    targetInstanceId: target?.instanceId ?? "",
    repository,
    tag,
    targetRepository: place === "" ? name : `${place}/${name}`,
    slice: index % 4,
    digest: digestOf(`${repository}:${tag}`),
    mediaType: "application/vnd.oci.image.index.v1+json",
    attempts: begun ? 1 : 0,
    sizeBytes: kind.status === "pending" && index % 5 === 0 ? null : sizeBytes,
    ...bytesOf(kind, sizeBytes, share),
    replacedDigest:
      kind.status === "copied" && snapshot.override && index % 9 === 0 ? digestOf(`old ${index}`) : null,
    referrers: kind.status === "copied" && index % 5 === 1 ? signatureOf(`${repository}:${tag}`) : null,
    startedAt: begun ? startedAt : null,
    endedAt: ended ? endedAt : null,
    updatedAt: ended ? endedAt : seed.ago(Math.max(endedAgo, 2 * SECOND)),
    attemptFailures: attemptsOf(kind, { from: startedAt.getTime(), to: endedAt.getTime() }),
    ...kind,
  };
}

/** What came along with a tag: its signature and its SBOM. */
function signatureOf(image: string): TransferRow["referrers"] {
  const subject = digestOf(image);
  const row = { subject, tag: null, state: "copied" } as const;
  return {
    ...{ total: 2, copied: 2, kept: 0 },
    rows: [
      {
        ...row,
        digest: digestOf(`${image}.sig`),
        artifactType: null,
        tag: `${subject.replace(":", "-")}.sig`,
      },
      { ...row, digest: digestOf(`${image}.sbom`), artifactType: "application/spdx+json" },
    ],
  };
}

function bytesOf({ status }: Partial<TransferRow>, sizeBytes: number, share: number) {
  switch (status) {
    case "copied":
      return {
        bytesCopied: Math.round(sizeBytes * 0.55),
        bytesMounted: Math.round(sizeBytes * 0.3),
        bytesSkipped: Math.round(sizeBytes * 0.15),
      };
    case "running":
    case "failed":
      return { bytesCopied: Math.round(sizeBytes * share * 0.8) };
    case "up-to-date":
      return { bytesSkipped: sizeBytes };
    default:
      return {};
  }
}

/** The counters of a task with these transfers. */
export function countersOf(rows: readonly TransferRow[]): TransferCounters {
  const having = (status: TransferRow["status"]) => rows.filter((row) => row.status === status).length;
  const sum = (field: "sizeBytes" | "bytesCopied" | "bytesMounted" | "bytesSkipped") =>
    rows.reduce((total, row) => total + (row[field] ?? 0), 0);
  return {
    repositories: new Set(rows.map(({ repository }) => repository)).size,
    transfersTotal: rows.length,
    transfersRunning: having("running"),
    transfersCopied: having("copied"),
    transfersUpToDate: having("up-to-date"),
    transfersSkipped: having("skipped"),
    transfersFailed: having("failed"),
    transfersStopped: having("stopped"),
    bytesTotal: sum("sizeBytes"),
    bytesCopied: sum("bytesCopied"),
    bytesMounted: sum("bytesMounted"),
    bytesSkipped: sum("bytesSkipped"),
  };
}
