/** Dialled ahead: as many as the tags that are under way at once. */
const DIALLED_AHEAD = 16;
/** Of the first answer, whose connection may have been made for it. Where it takes longer, a connection costs as much as a request. */
export const DISTANT_MS = 80;

interface Dialling {
  /** Opens connections up to so many in all. */
  readonly dial: (count: number) => void;
  /** Requests at once. */
  readonly most: number;
}

/** How far away a registry is, as far as its answers tell; and the connections that are opened before they are needed, more where it is far. */
export class Distance {
  #quickestMs: number | undefined;
  #dialling: Dialling | undefined;

  /** @param dialling left out: connections are opened when they are needed */
  constructor(dialling: Dialling | undefined) {
    this.#dialling = dialling;
    dialling?.dial(Math.min(DIALLED_AHEAD, dialling.most));
  }

  /** The quickest answer so far, ms; with what opening its connection took. */
  get quickestMs(): number | undefined {
    return this.#quickestMs;
  }

  /** An answer came so long after its question. */
  hear(elapsedMs: number): void {
    this.#quickestMs = Math.min(elapsedMs, this.#quickestMs ?? elapsedMs);
    if (this.#dialling && this.#quickestMs > DISTANT_MS) {
      this.#dialling.dial(this.#dialling.most);
      this.#dialling = undefined;
    }
  }
}
