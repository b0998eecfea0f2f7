import type { PreviewEvent, PreviewOutcome, PreviewRow, PreviewTotals } from "../schemas/preview.ts";
import type { CopyError } from "./errors.ts";
import { failureFact } from "./failure.ts";
import { literalNames } from "./literal-names.ts";
import type { Kept } from "./platforms/narrow.ts";
import type { Bytes, Weighed } from "./preview-bytes.ts";
import type { Selection } from "./selection.ts";

export type FoundTag = Weighed;

/** Some tags of one repository with what becomes of them. */
export interface Slice {
  repository: string;
  /** `digest`, `size`: of what is to stand at the targets. */
  tags: {
    tag: string;
    digest: string;
    size: number;
    kept?: Kept | undefined;
    outcomes: PreviewOutcome[];
  }[];
  error: CopyError | undefined;
}

/** Totals are told at most so often. */
const TOTALS_EVERY_MS = 100;
const UNMATCHED_SHOWN = 5;

/** Adds up what a preview finds. */
export class PreviewCount {
  readonly #selection: Selection;
  readonly #rowLimit: number;
  readonly #bytes: Bytes;
  readonly #names = new Set<string>();
  readonly #literal: boolean;
  readonly #verdicts: PreviewTotals["verdicts"] = {
    copy: 0,
    complete: 0,
    "up-to-date": 0,
    overwrite: 0,
    behind: 0,
    exists: 0,
    "platform-absent": 0,
    unknown: 0,
  };
  readonly #unmatched: string[] = [];
  #matched = 0;
  #namesComplete = false;
  #tagsComplete = false;
  #weighed = false;
  #broken = false;
  #tags = 0;
  #unchecked = 0;
  #unreadable = 0;
  #rows = 0;
  #toldAt = 0;
  /** Tags handed out to be resolved. */
  checked = 0;
  /** It was broken off at a limit. */
  limited = false;

  constructor(selection: Selection, rowLimit: number, bytes: Bytes) {
    this.#selection = selection;
    this.#rowLimit = rowLimit;
    this.#bytes = bytes;
    this.#literal = Boolean(selection.only) || literalNames(selection.repository.source) !== null;
  }

  /** Counts a name. True for one that matches and is seen for the first time. */
  isNew(name: string, matches: boolean): boolean {
    if (this.#names.has(name)) {
      return false;
    }
    this.#names.add(name);
    if (matches) {
      this.#matched += 1;
    } else if (this.#unmatched.length < UNMATCHED_SHOWN) {
      this.#unmatched.push(name);
    }
    return matches;
  }

  namesComplete(): void {
    this.#namesComplete = true;
  }

  tagsComplete(): void {
    this.#tagsComplete = true;
  }

  weighed(): void {
    this.#weighed = true;
  }

  /** The source failed: nothing is complete any more. */
  broken(): void {
    this.#broken = true;
  }

  /** Tags that match by name and are not looked at. */
  uncheck(tags: number): void {
    this.limited = true;
    this.#unchecked += tags;
  }

  /** Counts a slice; its rows as an event, as long as rows are listed, and its tags for the sum of bytes. */
  add({ repository, tags, error }: Slice): { event: PreviewEvent | null; found: FoundTag[] } {
    const rows: PreviewRow[] = [];
    const found: FoundTag[] = [];
    for (const { tag, digest, size, kept, outcomes } of tags) {
      this.#tags += 1;
      for (const { verdict } of outcomes) {
        this.#verdicts[verdict] += 1;
      }
      const row = { ...this.#row(repository), tag, digest, outcomes };
      const index = this.#list(row, rows) ? row.index : null;
      const moves = outcomes
        .filter(({ verdict }) => verdict === "copy" || verdict === "overwrite" || verdict === "complete")
        .map((outcome) => ({ ...outcome, stands: outcome.verdict === "complete" }));
      if (index !== null || moves.length > 0) {
        found.push({ sourceRepository: repository, digest, size, kept, index, moves });
      }
    }
    if (error) {
      this.#unreadable += 1;
      this.#list({ ...this.#row(repository), failure: failureFact(error) }, rows);
    }
    return { event: rows.length > 0 ? { kind: "rows", rows } : null, found };
  }

  /** Whether the totals should be told again; asking counts as telling. */
  isDue(): boolean {
    const now = performance.now();
    if (now - this.#toldAt < TOTALS_EVERY_MS) {
      return false;
    }
    this.#toldAt = now;
    return true;
  }

  totals(): PreviewTotals {
    const whole = !(this.limited || this.#broken);
    return {
      repositories: {
        listed: this.#literal ? null : this.#names.size,
        matched: this.#matched,
        complete: this.#namesComplete,
        unmatched: this.#unmatched,
        unreadable: this.#unreadable,
      },
      tags: { matched: this.#tags + this.#unchecked, complete: this.#tagsComplete && whole },
      verdicts: { ...this.#verdicts },
      bytes: {
        toMove: this.#bytes.toMove,
        state: !this.#weighed ? "counting" : whole && !this.#bytes.estimated ? "exact" : "estimated",
      },
    };
  }

  #row(repository: string): PreviewRow {
    const { namespace } = this.#selection;
    const start = namespace === "" ? 0 : namespace.length + 1;
    return {
      index: this.#rows,
      repository,
      matched: [start, repository.length],
      tag: null,
      digest: null,
      bytes: null,
      outcomes: [],
      failure: null,
    };
  }

  #list(row: PreviewRow, rows: PreviewRow[]): boolean {
    if (this.#rows >= this.#rowLimit) {
      return false;
    }
    this.#rows += 1;
    rows.push(row);
    return true;
  }
}
