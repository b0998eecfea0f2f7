import { sightingsOf } from "../../sync/deletion/source-sighting.ts";
import type { Connection } from "../connections.ts";
import type { GoneTag, PlacedTag } from "./note-gone.ts";

/** Which of these tags the source no longer has, and how many of its answers contradict each other. */
export interface Look {
  gone: GoneTag[];
  there: PlacedTag[];
  unsure: number;
}

/**
 * Reads tags anew at the source, repository by repository.
 * @throws {CopyError} with the first answer that fails: what a failing source says of the others counts for nothing
 */
export async function lookAtSource(
  source: Connection,
  placed: readonly PlacedTag[],
  signal: AbortSignal,
): Promise<Look> {
  const look: Look = { gone: [], there: [], unsure: 0 };
  for (const [repository, tags] of Map.groupBy(placed, (row) => row.repository)) {
    const sight = sightingsOf(source.registry.repository(repository), signal);
    for (const row of tags) {
      const { kind } = await sight(row.tag);
      if (kind === "there") {
        look.there.push(row);
      } else if (kind === "unsure") {
        look.unsure += 1;
      } else {
        look.gone.push({ placed: row, emptied: kind === "empty" });
      }
    }
  }
  return look;
}
