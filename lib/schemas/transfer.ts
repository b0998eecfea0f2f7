import type { Referrers } from "./referrers.ts";
import type { FailureFact, InstanceName, Instant, TransferStatus } from "./task.ts";
import type { TransferVerification } from "./verify-words.ts";

/** One attempt of a transfer that went wrong. */
export interface AttemptFailure {
  /** Counted from 1. */
  attempt: number;
  at: Instant;
  fact: FailureFact;
}

export interface TransferRow {
  id: string;
  taskId: string;
  repository: string;
  tag: string;
  targetRepository: string;
  targetInstance: InstanceName;
  /** The digest that the scan stored; null until then. */
  digest: string | null;
  status: TransferStatus;
  /** A reason code: exists, source-deleted, immutable-tag, … or an error code. */
  reason: string | null;
  failure: FailureFact | null;
  /** Attempts that went wrong, the latest few, in their order. */
  attemptFailures: AttemptFailure[];
  attempts: number;
  sizeBytes: number | null;
  bytesCopied: number;
  bytesMounted: number;
  bytesSkipped: number;
  /** What the tag names at the target, where that is one image of what it names at the source. */
  targetDigest: string | null;
  /** Found in the chart repository of the source, which clients of registries do not read. */
  fromCharts: boolean;
  /** The digest that the tag named at the target before it was overwritten. */
  replacedDigest: string | null;
  /** Signatures, attestations and SBOMs that came along; null: none. */
  referrers: Referrers | null;
  /** What was proven at the target, or is lacking there; null: nobody looked. */
  verification: TransferVerification | null;
  /** Of one that is running: manifests and blobs that were looked at so far; more than 0: it is being verified. */
  contentsVerified: number;
  startedAt: Instant | null;
  endedAt: Instant | null;
}

/** How a registry is reached, as far as the viewer may know it. */
export interface RegistryEnd {
  host: string;
  plainHttp: boolean;
  /** The account that the console signs in with. */
  username: string | null;
  /** Its certificate is issued by an authority of its own. */
  privateCa: boolean;
}

/** The failed transfers before and after one, in the order of the list. */
export interface Neighbours {
  previous: string | null;
  next: string | null;
}
