import type { Repository } from "../registry/repository.ts";
import type { PlatformChoice } from "../schemas/platform.ts";
import type { DigestTagList, Referrers } from "../schemas/referrers.ts";
import type { Placements } from "./placements.ts";
import type { Throttle } from "./throttle.ts";

/** One tag of one source repository on its way to one target repository: the unit of result. */
export interface TransferRequest {
  source: Repository;
  target: Repository;
  tag: string;
  /** The digest that the scan saw; the copy pins it. */
  digest: string;
  override: boolean;
  /** When this process asked the source what the tag names, by the clock of `performance`; left out: longer ago than counts. */
  seenAtMs?: number | undefined;
  /** Of what the digest names, where the scan saw it. */
  mediaType?: string | undefined;
  /** null or left out: indexes are copied whole. */
  platforms?: PlatformChoice | null | undefined;
  /** An index that stands at the target may lack parts: the rule once left some out. */
  partsBefore?: boolean | undefined;
  /** Signatures, attestations and SBOMs come along; left out: the tag alone. */
  referrers?: ReferrersWanted | undefined;
}

export interface ReferrersWanted {
  /** What the source's list of tags holds of them; null: it was not read. */
  digestTags: DigestTagList | null;
}

export interface TransferContext {
  /** One object a task and target: what the process learns of the target on the way is kept beside it. */
  placements: Placements;
  /** What bounds the copies between the two ends; without one nothing does. */
  throttle?: Throttle | undefined;
  signal: AbortSignal;
  /**
   * Asked immediately before the tag is written; throws when it is somebody else's to write by now. A process that was frozen
   * would otherwise wake with old content in its hands and lay it over newer.
   */
  beforeTag?: (() => Promise<void>) | undefined;
  /**
   * Runs the last look at the target and the write of the tag that follows it while nobody else of ours writes this tag: between the
   * two another could put there what is not to be overwritten.
   */
  aloneAtTag?: ((write: () => Promise<TransferOutcome>) => Promise<TransferOutcome>) | undefined;
  /** The same for the tag of a signature, or of a list of referrers, which is read, added to and written, whoever overwrites what. */
  aloneAtDigestTag?: (<T>(tag: string, write: () => Promise<T>) => Promise<T>) | undefined;
  /**
   * Asked before other content is overwritten: whether the source offers nothing new, but what both ends had before the target was
   * pushed to. Left out: nobody knows of earlier copies.
   */
  isBehind?: ((ends: EndDigests) => Promise<boolean>) | undefined;
  /**
   * Told before the tag is written what it will name at the target, where that is one image of what it names at the source:
   * the target may tell of the push before its answer has come.
   */
  willName?: ((digest: string) => Promise<void>) | undefined;
  onProgress(progress: TransferProgress): void;
}

/** What a tag names at both ends. */
export interface EndDigests {
  source: string;
  target: string;
}

/**
 * Bytes since the last call, by what became of them: add them up. `copied` is told chunk by chunk and taken back
 * (a negative number) when a blob has to be sent again. At the end found = copied + mounted + skipped.
 */
export interface TransferProgress {
  /** Sizes learned from manifests. */
  found?: number;
  copied?: number;
  mounted?: number;
  /** The target had them already. */
  skipped?: number;
}

export type TransferOutcome = (
  | { status: "copied"; replacedDigest: string | undefined }
  | { status: "up-to-date" }
  | { status: "skipped"; reason: "exists" | "source-behind" | "source-deleted" | "platform-absent" }
) & {
  /** The source tag names another digest now: a follow-up for this tag is due. */
  moved: boolean;
  /** What the tag names at the target, where that is one image of what it names at the source. */
  targetDigest?: string | undefined;
  /** What came along, also with a tag that stood there already: whose it is does not change by that. */
  referrers?: Referrers | undefined;
};
