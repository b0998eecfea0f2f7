import type { CompiledPattern } from "../pattern/pattern.ts";
import type { ResourceType } from "../schemas/rule.ts";

/** Which part of the source is meant. */
export interface Selection {
  /** '' is the root: repositories without a slash. */
  namespace: string;
  /** Matched against the path below the namespace. */
  repository: CompiledPattern;
  tag: CompiledPattern;
  resourceType: ResourceType;
  /** Only these tags (full repository paths), re-read at the source; the patterns were applied before. */
  only?: readonly { repository: string; tag: string }[] | undefined;
}
