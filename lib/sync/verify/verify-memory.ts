import type { Finding } from "../../schemas/verification.ts";
import { memoryPlacements, type Placements } from "../placements.ts";
import { BlobSlots } from "../target-memory.ts";

/** Answers kept; the oldest go first and are asked for again. A digest and its repository are some 200 bytes. */
const MAX_KNOWN = 50_000;
/** Blobs read again at once. */
const READS_AT_ONCE = 8;

type Findings = readonly Finding[];

/**
 * What one run has found out about one target: each digest is asked for once a repository, however many tags need it, and what
 * is broken is mended once. In memory of one process.
 */
export class VerifyMemory {
  /** What a process learns of the source on the way is kept beside these; see target-memory.ts. */
  readonly placements: Placements;
  readonly readSlots = new BlobSlots(READS_AT_ONCE);
  readonly #known = new Map<string, Promise<Findings>>();
  readonly #mended = new Map<string, Promise<void>>();

  /** @param placements those of the copies of the same run, whose reading of the source is not repeated then */
  constructor(placements: Placements = memoryPlacements()) {
    this.placements = placements;
  }

  /** What is wrong with something, or with what it is made of. A failure to find out is nobody else's answer. */
  async findings(key: string, ask: () => Promise<Findings>): Promise<Findings> {
    const known = this.#known.get(key);
    if (known) {
      return known.catch(ask);
    }
    const asking = ask();
    this.#keep(key, asking);
    try {
      return await asking;
    } catch (error) {
      this.#forget(key, asking);
      throw error;
    }
  }

  /** Mends something once a run: what a registry did not mend at the first time it does not at the thousandth. */
  mendOnce(key: string, mend: () => Promise<void>): Promise<void> {
    const mended = this.#mended.get(key) ?? mend();
    this.#mended.set(key, mended);
    return mended;
  }

  /** What was broken is asked for again, and whatever is made of it. */
  async forgetBroken(): Promise<void> {
    await Promise.all(
      [...this.#known].map(async ([key, asking]) => {
        const state = await Promise.race([asking.catch(() => []), UNDECIDED]);
        if (state === null || state.length > 0) {
          this.#forget(key, asking);
        }
      }),
    );
  }

  #keep(key: string, asking: Promise<Findings>): void {
    this.#known.set(key, asking);
    const oldest = this.#known.size > MAX_KNOWN ? this.#known.keys().next().value : undefined;
    if (oldest !== undefined) {
      this.#known.delete(oldest);
    }
  }

  #forget(key: string, asking: Promise<Findings>): void {
    if (this.#known.get(key) === asking) {
      this.#known.delete(key);
    }
  }
}

const UNDECIDED = Promise.resolve(null);
