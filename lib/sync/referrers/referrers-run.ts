import type { ReferrerRow } from "../../schemas/referrers.ts";
import type { Walk } from "../walk.ts";
import type { DigestTags } from "./digest-tags.ts";

/** What the parts of one such walk share. */
export interface ReferrersRun {
  readonly walk: Walk;
  readonly override: boolean;
  readonly digestTags: DigestTags;
  /** Makes sure that the subject is at the target: some registries refuse what refers to nothing (T35). */
  readonly subjectReady: () => Promise<void>;
  note(row: ReferrerRow): void;
}
