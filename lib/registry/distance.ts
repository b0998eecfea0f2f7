/** Dialled ahead at most, before it is known how far it is: as many as the tags that are under way at once. */
const DIALLED_AHEAD = 16;
/** Of the first answer, whose connection may have been made for it. Where it takes longer, a connection costs as much as a request. */
export const DISTANT_MS = 80;

/** Of the quickest answer: some ms between question and answer cost nothing. */
export const NEAR_MS = 15;

interface Dialling {
  /** Opens connections up to so many in all. */
  readonly dial: (count: number) => void;
  /** Requests at once. */
  readonly most: number;
}

/** How far away a registry is, as far as its answers tell; and the connections that are opened before they are needed, more where it is far. */
export class Distance {
  readonly #dialling: Dialling;
  #quickestMs: number | undefined;
  /** The first answer is waited for, to learn whether more connections are worth it. */
  #asking = false;

  constructor(dialling: Dialling) {
    this.#dialling = dialling;
  }

  /** So many requests will come at once. Their connections are opened meanwhile, unless that is known to take no time. */
  expect(requests: number): void {
    const { dial, most } = this.#dialling;
    this.#asking ||= this.#quickestMs === undefined;
    if (this.#asking || this.#isDistant) {
      dial(Math.min(requests, DIALLED_AHEAD, most));
    }
  }

  /** The quickest answer so far, ms; with what opening its connection took. */
  get quickestMs(): number | undefined {
    return this.#quickestMs;
  }

  /** An answer came so long after its question. */
  hear(elapsedMs: number): void {
    this.#quickestMs = Math.min(elapsedMs, this.#quickestMs ?? elapsedMs);
    if (this.#asking) {
      this.#asking = false;
      if (this.#isDistant) {
        this.#dialling.dial(this.#dialling.most);
      }
    }
  }

  get #isDistant(): boolean {
    return this.#quickestMs !== undefined && this.#quickestMs > DISTANT_MS;
  }
}
