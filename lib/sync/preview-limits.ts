/** Where a preview stops asking. Beyond it totals are "at least" and sizes "about". */
export interface PreviewLimits {
  /** Tags that are listed one by one; the others are counted. */
  rows: number;
  /** Tags that are resolved. */
  tags: number;
  /** Repositories whose tags are listed. */
  repositories: number;
  manifests: number;
  blobs: number;
  timeoutMs: number;
}

export const PREVIEW_LIMITS: PreviewLimits = {
  rows: 200,
  tags: 2_000,
  repositories: 1_000,
  manifests: 800,
  blobs: 1_500,
  timeoutMs: 30_000,
};
