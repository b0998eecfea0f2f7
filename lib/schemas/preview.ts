import { z } from "zod";
import { CreateRuleInput } from "./rule.ts";
import type { FailureFact } from "./task.ts";
import type { PreviewVerdict } from "./words.ts";

const Draft = CreateRuleInput.pick({
  sourceInstanceId: true,
  sourceNamespace: true,
  repositoryPattern: true,
  tagPattern: true,
  excludeTagPattern: true,
  semverRange: true,
  newestTags: true,
  resourceType: true,
  platforms: true,
  override: true,
}).extend({
  /** None yet: then only what matches is told, not what becomes of it. */
  targets: CreateRuleInput.shape.targets.or(z.tuple([])),
});
export type PreviewDraft = z.infer<typeof Draft>;

/**
 * What a rule would do: one as drafted (`ruleId` where it is being edited), or a saved one before it is triggered.
 * `only` asks about one tag.
 */
export const PreviewInput = z.object({
  draft: Draft.optional(),
  ruleId: z.uuid().optional(),
  only: z.object({ repository: z.string().min(1).max(255), tag: z.string().min(1).max(128) }).optional(),
  /** Asks the registries anew, whatever is remembered of a preview a moment ago. */
  fresh: z.boolean().default(false),
});
export type PreviewInput = z.infer<typeof PreviewInput>;

/** What becomes of a tag at one target. */
export interface PreviewOutcome {
  /** Which of the targets, counted from 0. */
  target: number;
  /** Where it goes. */
  repository: string;
  verdict: PreviewVerdict;
  /** Digest that the target has under the tag now. */
  standing: string | null;
  /** Why the verdict is unknown. */
  failure: FailureFact | null;
}

/** A tag that matches; or, without a tag, a repository that cannot be read. */
export interface PreviewRow {
  /** In the order of the list, from 0. */
  index: number;
  repository: string;
  /** The part of the name that the repository expression matched: start and end. */
  matched: [start: number, end: number];
  tag: string | null;
  digest: string | null;
  /** All that belongs to the tag; null until its manifest has been read. */
  bytes: number | null;
  outcomes: PreviewOutcome[];
  failure: FailureFact | null;
}

export interface PreviewTotals {
  repositories: {
    /** Of the namespace; null where the expression is nothing but names and no list was asked for. */
    listed: number | null;
    matched: number;
    /** All names were listed. */
    complete: boolean;
    /** Some that do not match, at most five. */
    unmatched: string[];
    /** That match and cannot be read. */
    unreadable: number;
  };
  tags: {
    matched: number;
    /** False: at least so many. */
    complete: boolean;
  };
  /** Over all targets. */
  verdicts: Record<PreviewVerdict, number>;
  bytes: {
    /** To be moved, over all targets: what several tags share, and what a target has already, is not counted again. */
    toMove: number;
    /** `counting`: manifests are still being read. `estimated`: not everything was asked for. */
    state: "counting" | "exact" | "estimated";
  };
}

export type PreviewEvent =
  | { kind: "rows"; rows: PreviewRow[] }
  | { kind: "sizes"; sizes: [index: number, bytes: number][] }
  | { kind: "totals"; totals: PreviewTotals }
  /** The source cannot be listed or reached: what was found before stays. */
  | { kind: "failed"; failure: FailureFact }
  /** Whether the tag that was asked for is there at all, and of the wanted type. */
  | { kind: "probe"; found: "match" | "other-type" | "absent" }
  /** It is not among the newest; `least`: the last that is. */
  | { kind: "probe"; found: "not-newest"; least: string }
  | { kind: "beat" }
  /** `time`, `size`: it was broken off there, totals are at least. `superseded`: a newer preview took its place. */
  | { kind: "end"; limit: "time" | "size" | "superseded" | null; elapsedMs: number };
