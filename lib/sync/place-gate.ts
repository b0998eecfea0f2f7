/** A copy of so many bytes may hold its place for long. */
const LARGE_BYTES = 64 * 1024 * 1024;
/** While small ones have come within this time, large ones leave the last place to them. */
const SMALL_LATELY_MS = 30_000;
/** Whoever has waited so long lets nobody pass: a tag of a hundred layers does not keep all that come after it out of one place. */
const OVERDUE_MS = 10_000;

export interface Place {
  /** Somebody else may have it by now. */
  readonly lost: boolean;
  leave(): void;
}

export interface PlaceRequest {
  sizeBytes: number;
  owner: object;
  signal: AbortSignal;
}

/** Whoever asks for places. */
interface Owner {
  /** Among all that have asked here. */
  readonly rank: number;
  /** Places that it has. */
  held: number;
}

interface HeldPlace {
  readonly owner: Owner;
  /** How often the gate had lost its places before. */
  readonly losses: number;
}

interface Waiter extends Pick<PlaceRequest, "sizeBytes"> {
  readonly owner: Owner;
  readonly sinceMs: number;
  admit(place: HeldPlace): void;
}

/**
 * A fair semaphore: at most `bound` places at a time. The next goes to the owner that has the fewest, among equals to the one that
 * was here first, also for what it asks for later: a tag whose base others had to bring first would otherwise wait behind everything
 * that was asked for meanwhile, and all tags would end together. Of two or more places the last one is kept for small copies, if such
 * have come lately, so that they pass beside layers of gigabytes.
 */
export class PlaceGate {
  #bound = Number.POSITIVE_INFINITY;
  #active = 0;
  #losses = 0;
  // Not a `Map` that thousands come to and leave: V8 would remember them (registry/abort-hub.ts).
  readonly #owners = new WeakMap<object, Owner>();
  #ranks = 0;
  readonly #waiting: Waiter[] = [];
  #smallMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  readonly #onDemand: () => void;

  /** @param onDemand called whenever somebody asks for a place */
  constructor(onDemand: () => void = () => undefined) {
    this.#onDemand = onDemand;
  }

  /** Places taken. */
  get active(): number {
    return this.#active;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get bound(): number {
    return this.#bound;
  }

  /** Places from now on. Copies under way keep theirs. */
  setBound(places: number): void {
    this.#bound = places;
    this.#admit();
  }

  /** Whoever holds a place here holds it no more, and nobody is let in until there is a new bound. */
  lose(): void {
    this.#bound = 0;
    this.#losses += 1;
  }

  /** A place that is free now, undefined when others are before. @throws the signal's reason when it is aborted */
  tryEnter(request: PlaceRequest): Place | undefined {
    request.signal.throwIfAborted();
    const owner = this.#ownerOf(request);
    if (request.sizeBytes < LARGE_BYTES) {
      this.#smallMs = performance.now();
    }
    this.#onDemand();
    const free = this.#waiting.length === 0 && this.#mayEnter(request);
    return free ? this.#place(this.#occupy(owner)) : undefined;
  }

  /** @throws the signal's reason when it is aborted while waiting */
  async enter(request: PlaceRequest): Promise<Place> {
    return this.tryEnter(request) ?? this.#place(await this.#turn(request));
  }

  #place(held: HeldPlace): Place {
    const isLost = () => held.losses !== this.#losses;
    let left = false;
    return {
      get lost() {
        return isLost();
      },
      leave: () => {
        if (!left) {
          left = true;
          held.owner.held -= 1;
          this.#active -= 1;
          this.#admit();
        }
      },
    };
  }

  /** Whoever is admitted counts at once: nobody can slip in before it goes on. */
  #occupy(owner: Owner): HeldPlace {
    owner.held += 1;
    this.#active += 1;
    return { owner, losses: this.#losses };
  }

  #mayEnter({ sizeBytes }: Pick<PlaceRequest, "sizeBytes">): boolean {
    const kept = sizeBytes >= LARGE_BYTES && this.#bound >= 2 && this.#smallCameLately() ? 1 : 0;
    return this.#active < this.#bound - kept;
  }

  #smallCameLately(): boolean {
    return performance.now() - this.#smallMs < SMALL_LATELY_MS;
  }

  #admit(): void {
    clearTimeout(this.#timer);
    for (let next = this.#next(); next; next = this.#next()) {
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      next.admit(this.#occupy(next.owner));
    }
    if (this.#waiting.length > 0 && this.#active < this.#bound) {
      // A place is kept for a small one that may not come.
      this.#timer = setTimeout(() => this.#admit(), SMALL_LATELY_MS);
    }
  }

  #next(): Waiter | undefined {
    let best: Waiter | undefined;
    for (const waiter of this.#waiting) {
      if (this.#mayEnter(waiter) && (!best || this.#isBefore(waiter, best))) {
        best = waiter;
      }
    }
    return best;
  }

  /** @param other has waited longer */
  #isBefore(waiter: Waiter, other: Waiter): boolean {
    const more = waiter.owner.held - other.owner.held;
    const wasFirst = waiter.owner.rank < other.owner.rank && performance.now() - other.sinceMs < OVERDUE_MS;
    return more < 0 || (more === 0 && wasFirst);
  }

  #ownerOf({ owner: key }: PlaceRequest): Owner {
    let owner = this.#owners.get(key);
    if (!owner) {
      owner = { rank: this.#ranks++, held: 0 };
      this.#owners.set(key, owner);
    }
    return owner;
  }

  #turn(request: PlaceRequest): Promise<HeldPlace> {
    const { signal, sizeBytes } = request;
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        sizeBytes,
        owner: this.#ownerOf(request),
        sinceMs: performance.now(),
        admit: (place) => {
          signal.removeEventListener("abort", gaveUp);
          resolve(place);
        },
      };
      const gaveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", gaveUp, { once: true });
      this.#waiting.push(waiter);
      this.#admit();
    });
  }
}
