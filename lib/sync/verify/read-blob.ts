import type { Descriptor } from "../../registry/descriptor.ts";
import { spend } from "../../registry/spent.ts";
import { counted } from "../progress.ts";
import { type Passage, PlaceLost } from "../throttle.ts";
import type { Check } from "./check.ts";

/** So often a blob is begun again when its place among the copies was lost. */
const TRIES = 3;

/**
 * Reads a blob of the target to its end, which proves size and digest, and lets go every byte as it comes.
 * @throws {ContentError} SIZE_MISMATCH, DIGEST_MISMATCH @throws {RegistryError} BLOB_UNKNOWN
 */
export function readBlob(blob: Descriptor, check: Check): Promise<void> {
  const { walk, memory, reading } = check;
  const copy = { sizeBytes: blob.size, owner: walk, signal: walk.begin };
  return memory.readSlots.hold(copy, async (slot) => {
    for (let tries = 1; ; tries += 1) {
      const passage = reading.tryEnter(copy) ?? (await slot.without(() => reading.enter(copy)));
      try {
        await readThrough(blob, passage, check);
        return;
      } catch (error) {
        if (!(error instanceof PlaceLost) || tries === TRIES) {
          throw error;
        }
      } finally {
        passage.leave();
      }
    }
  });
}

async function readThrough(blob: Descriptor, passage: Passage, { walk, note }: Check): Promise<void> {
  const { target, signal } = walk;
  const content = await target.fetchBlob(blob, { signal });
  for await (const chunk of counted(content, passage, (read) => note({ bytesRead: read }), signal)) {
    // Only that it is right was wanted of it.
    spend(chunk);
  }
}
