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
  /** Of what is known: what is not right, and what is being asked. */
  readonly #broken = new Set<string>();
  readonly #underWay = new Set<string>();
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
    this.#underWay.add(key);
    try {
      const found = await asking;
      this.#settle(key, asking, found);
      return found;
    } catch (error) {
      if (this.#known.get(key) === asking) {
        this.#forget(key);
      }
      throw error;
    }
  }

  /**
   * Mends something once a run: what a registry did not mend at the first time it does not at the thousandth. Then whatever was
   * broken is asked for again. What failed may be tried again.
   */
  mendOnce(key: string, mend: () => Promise<void>): Promise<void> {
    const known = this.#mended.get(key);
    if (known) {
      return known;
    }
    const mending = mend().finally(() => this.#forgetBroken());
    this.#mended.set(key, mending);
    mending.catch(() => this.#mended.delete(key));
    return mending;
  }

  #settle(key: string, asking: Promise<Findings>, found: Findings): void {
    const current = this.#known.get(key);
    if (current === asking) {
      this.#underWay.delete(key);
      if (found.length > 0) {
        this.#broken.add(key);
      }
    } else if (!current && found.length === 0) {
      // Something was mended while this was asked: what was right before is right now.
      this.#keep(key, asking);
    }
  }

  /** Also what is being asked: it may have been asked before something was mended. */
  #forgetBroken(): void {
    for (const key of [...this.#broken, ...this.#underWay]) {
      this.#forget(key);
    }
  }

  #keep(key: string, asking: Promise<Findings>): void {
    this.#known.set(key, asking);
    const oldest = this.#known.size > MAX_KNOWN ? this.#known.keys().next().value : undefined;
    if (oldest !== undefined) {
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#known.delete(key);
    this.#broken.delete(key);
    this.#underWay.delete(key);
  }
}
