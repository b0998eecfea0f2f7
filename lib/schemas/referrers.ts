/** What became of something that belongs to a manifest. `kept`: the target has one of its own that ours would have replaced. */
export type ReferrerState = "copied" | "standing" | "kept";

/** A signature, an attestation, an SBOM or whatever else belongs to a manifest of a transfer. */
export interface ReferrerRow {
  digest: string;
  /** The manifest that it belongs to. */
  subject: string;
  /** What it calls itself: artifactType, or the type of its config. */
  artifactType: string | null;
  /** cosign's digest tag that names it; null for a referrer of the specification. */
  tag: string | null;
  state: ReferrerState;
}

/** What came along with a tag, of all its manifests. */
export interface Referrers {
  total: number;
  copied: number;
  kept: number;
  /** The first of them. */
  rows: ReferrerRow[];
}

/** Rows of one transfer that are kept; the others are counted. */
export const REFERRER_ROWS = 20;

/** Digest tags (`sha256-<hex>.sig`) that a list of tags holds, as far as they may belong to what one tag names. */
export interface DigestTagList {
  /** Of the very manifest that the tag names. */
  own: string[];
  /** Of manifests that no tag names, as images of an index are; null: more than are carried along. */
  others: string[] | null;
}
