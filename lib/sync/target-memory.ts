import type { Manifest } from "../registry/repository.ts";
import type { Referrers } from "../schemas/referrers.ts";
import { FirstLooks } from "./first-looks.ts";
import { type Place, PlaceGate, type PlaceRequest } from "./place-gate.ts";
import type { Placements } from "./placements.ts";

/**
 * Blobs streamed at once to one target, where its placements name no other number. Each holds a chunk or two, so memory stays flat
 * however large they are.
 */
const BLOBS_IN_FLIGHT = 16;
/** Manifests kept for the next tag that names them; bytes. */
const MANIFEST_CACHE_BYTES = 8 * 1024 * 1024;

/**
 * How the target answers a mount of a blob from the very repository it is wanted in, which says in one request whether
 * the blob stands there: `honoured` (201 seen), `ignored` (202 although it stands there), or not known yet.
 */
export type MountAnswer = "unproven" | "probing" | "honoured" | "ignored";

/** What one process has learned of one target in one task. */
export interface TargetMemory {
  mounts: MountAnswer;
  /** What is compared is names alone: a target is asked whether a tag names what is expected, not for its manifest (likely-names.ts). */
  comparesNames: boolean;
  /** Its answers take long: whoever has nobody to wait for asks for two things at once. */
  distant: boolean;
  readonly blobSlots: BlobSlots;
  readonly manifests: ManifestCache;
  /** What tags name there before anything is done about them. */
  readonly firstLooks: FirstLooks;
  /** `repository@digest` of manifests that stand there below an index that is doubted. */
  readonly standing: Set<string>;
  /** Digest tags of source repositories that were listed. */
  readonly digestTags: Map<string, Promise<ReadonlySet<string>>>;
  /** What came along with the content of a tag, for the other tags that name it. */
  readonly referrers: Map<string, ReferrersBrought>;
}

export interface ReferrersBrought {
  readonly result: Promise<Referrers>;
  /** It has ended, however it ended. */
  over: boolean;
}

const memories = new WeakMap<object, TargetMemory>();

/** The memory that belongs to these placements: both live as long as the task does in this process. */
export function targetMemory(placements: Placements): TargetMemory {
  const key = placements.memoryKey ?? placements;
  let memory = memories.get(key);
  if (!memory) {
    memory = {
      mounts: "unproven",
      comparesNames: false,
      distant: false,
      blobSlots: new BlobSlots(placements.blobsAtOnce ?? BLOBS_IN_FLIGHT),
      manifests: new ManifestCache(),
      firstLooks: new FirstLooks(),
      standing: new Set(),
      digestTags: new Map(),
      referrers: new Map(),
    };
    memories.set(key, memory);
  }
  return memory;
}

/** One of the slots, while a blob is brought. */
export interface BlobSlot {
  /** Gives it up for a wait, and takes one again. */
  without<T>(wait: () => Promise<T>): Promise<T>;
}

/** Bounds the blobs that are brought to one target at once, in fair turns of the tags that they belong to. */
export class BlobSlots {
  readonly #gate = new PlaceGate();
  /** Blobs that had a slot by turns. */
  #byTurns = 0;

  constructor(slots: number) {
    this.#gate.setBound(slots);
  }

  /**
   * For a target that is far away; to be asked once by whoever has just got a slot: is its blob to be read at the source while its upload
   * is opened? It is where few wait: whoever waits has a slot soon, and what counts is how long each blob takes, not how many are under way.
   *
   * As soon as blobs wait at all, the next ones are by turns, once. All slots were taken at the same moment, and with equally many round trips
   * in each all answers would come together, round after round, and wait for one another. Every third blob takes a round trip more than
   * its neighbours, and of what comes after these every other one a round trip less: equally many slots are at each of the three then.
   */
  readsEarly(): boolean {
    const { waiting, bound } = this.#gate;
    // Every slot once, and those once more that come back first.
    const most = bound + Math.ceil((2 * bound) / 3);
    if ((waiting > 0 || this.#byTurns > 0) && this.#byTurns < most) {
      const nth = this.#byTurns++;
      return nth < bound ? nth % 3 !== 0 : nth % 2 === 0;
    }
    return waiting <= 2 * bound;
  }

  /** @throws the signal's reason when it is aborted before there is a slot */
  async hold(request: PlaceRequest, bring: (slot: BlobSlot) => Promise<void>): Promise<void> {
    let place: Place | undefined = await this.#gate.enter(request);
    const leave = (): void => {
      place?.leave();
      place = undefined;
    };
    try {
      await bring({
        without: async (wait) => {
          leave();
          const result = await wait();
          place = await this.#gate.enter(request);
          return result;
        },
      });
    } finally {
      leave();
    }
  }
}

/** Manifests by digest: many tags share one, and each is read once while it is remembered. */
export class ManifestCache {
  readonly #manifests = new Map<string, Manifest>();
  readonly #underWay = new Map<string, Promise<Manifest>>();
  readonly #offered = new Map<string, Manifest>();
  #offeredBytes = 0;
  #bytes = 0;

  /** One that was read before anybody asked for it; where many wait the oldest is forgotten. */
  offer(manifest: Manifest): void {
    const { digest } = manifest.descriptor;
    const { byteLength } = manifest.bytes;
    if (this.#manifests.has(digest) || this.#offered.has(digest)) {
      return;
    }
    this.#offered.set(digest, manifest);
    this.#offeredBytes += byteLength;
    for (const oldest of this.#offered.keys()) {
      if (this.#offeredBytes <= MANIFEST_CACHE_BYTES) {
        return;
      }
      this.taken(oldest);
    }
  }

  /** One that was read or offered, for somebody else. */
  known(digest: string): Manifest | undefined {
    return this.#manifests.get(digest) ?? this.#offered.get(digest);
  }

  /** What was offered, once. */
  taken(digest: string): Manifest | undefined {
    const manifest = this.#offered.get(digest);
    if (this.#offered.delete(digest)) {
      this.#offeredBytes -= manifest?.bytes.byteLength ?? 0;
    }
    return manifest;
  }

  async get(digest: string, fetch: () => Promise<Manifest>): Promise<Manifest> {
    const known = this.#manifests.get(digest);
    if (known) {
      return known;
    }
    const underWay = this.#underWay.get(digest);
    if (underWay) {
      // The other's failure is not ours: its request may have been cut.
      return underWay.catch(fetch);
    }
    const fetching = fetch();
    this.#underWay.set(digest, fetching);
    try {
      const manifest = await fetching;
      this.#keep(digest, manifest);
      return manifest;
    } finally {
      this.#underWay.delete(digest);
    }
  }

  #keep(digest: string, manifest: Manifest): void {
    this.#manifests.set(digest, manifest);
    this.#bytes += manifest.bytes.byteLength;
    for (const [oldest, { bytes }] of this.#manifests) {
      if (this.#bytes <= MANIFEST_CACHE_BYTES) {
        return;
      }
      this.#manifests.delete(oldest);
      this.#bytes -= bytes.byteLength;
    }
  }
}
