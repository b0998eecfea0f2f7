import { sightingsOf } from "../../sync/deletion/source-sighting.ts";
import type { Connection } from "../connections.ts";
import type { GoneTag, PlacedTag } from "./note-gone.ts";
import { type FollowingRule, meansBeside } from "./rule.ts";

/** Which of these tags the source no longer has, and how many of its answers contradict each other. */
export interface Look {
  gone: GoneTag[];
  there: PlacedTag[];
  /** Gone, and too old for the rule: nothing follows of them. */
  unmeant: PlacedTag[];
  unsure: number;
}

/**
 * Reads tags anew at the source, repository by repository.
 * @throws {CopyError} with the first answer that fails: what a failing source says of the others counts for nothing
 */
export async function lookAtSource(
  source: Connection,
  placed: readonly PlacedTag[],
  { rule, signal }: { rule: FollowingRule; signal: AbortSignal },
): Promise<Look> {
  const look: Look = { gone: [], there: [], unmeant: [], unsure: 0 };
  for (const [repository, tags] of Map.groupBy(placed, (row) => row.repository)) {
    const sight = sightingsOf(source.registry.repository(repository), signal, meansBeside(rule));
    for (const row of tags) {
      const { kind } = await sight(row.tag);
      if (kind === "there") {
        look.there.push(row);
      } else if (kind === "unmeant") {
        look.unmeant.push(row);
      } else if (kind === "unsure") {
        look.unsure += 1;
      } else {
        look.gone.push({ placed: row, emptied: kind === "empty" });
      }
    }
  }
  return look;
}
