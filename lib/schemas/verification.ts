/** What was looked for at a target: content by its digest, what refers to it, and the tag itself. */
export type FindingKind = "manifest" | "blob" | "referrer" | "tag";

/** `not-listed`: the manifest is there, and whoever asks for referrers is not told of it; `other-digest`: of a tag. */
export type FindingReason = "missing" | "wrong-size" | "wrong-bytes" | "not-listed" | "other-digest";

/** Something that a tag needs and that is not at the target as it should be. */
export interface Finding {
  kind: FindingKind;
  reason: FindingReason;
  /** What should be there. */
  digest: string;
  /** At the target. */
  repository: string;
  /** Of a tag: its name, which may be one of cosign's digest tags. */
  tag: string | null;
  /** Of a referrer, or of one of cosign's tags: the manifest that it belongs to. */
  subject: string | null;
  mediaType: string | null;
  sizeBytes: number | null;
}

/** What one verification asked the target for; what another tag of the run had asked for before is not counted again. */
export interface Checked {
  manifests: number;
  blobs: number;
  /** Bytes of blobs that were read again and hashed. */
  bytesRead: number;
}

/** What became of the proof that one tag is at the target as a whole. `findings` empty: it can be pulled. */
export interface Verification {
  checked: Checked;
  /** Parts before what is made of them, the tag itself last; each once. */
  findings: Finding[];
}

export function nothingChecked(): Checked {
  return { manifests: 0, blobs: 0, bytesRead: 0 };
}

export function addChecked(sum: Checked, more: Partial<Checked>): void {
  sum.manifests += more.manifests ?? 0;
  sum.blobs += more.blobs ?? 0;
  sum.bytesRead += more.bytesRead ?? 0;
}
