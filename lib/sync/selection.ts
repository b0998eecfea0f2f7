import type { CompiledPattern } from "../pattern/pattern.ts";
import type { TagChoice } from "../pattern/tag-choice.ts";
import type { ResourceType } from "../schemas/rule.ts";

/** Which part of the source is meant. Of its tags: what `TagChoice` chooses by name, then those of the type. */
export interface Selection extends TagChoice {
  /** '' is the root: repositories without a slash. */
  namespace: string;
  /** Matched against the path below the namespace. */
  repository: CompiledPattern;
  resourceType: ResourceType;
  /**
   * Only these tags (full repository paths), re-read at the source; expressions and range were applied before. Whether one is
   * among the newest is asked again: others may have come since.
   */
  only?: readonly { repository: string; tag: string }[] | undefined;
}
