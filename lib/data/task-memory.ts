/** Of a task that is open, what was worked out this long ago is told to everybody who looks. */
const FRESH_MS = 900;
/** Tasks of which it is remembered; the oldest go first. */
const KNOWN_MAX = 500;

/** The part of a task that says whether it may still change. */
interface Looked {
  id: string;
  endedAt: string | Date | null;
}

/**
 * What is worked out from all transfers of a task, for whoever may see it: once for a task that has ended, since it changes no more, else
 * about once a second however many look.
 */
export class TaskMemory<Found> {
  readonly #known = new Map<string, { ended: boolean; atMs: number; found: Promise<Found> }>();
  readonly #workOut: (taskId: string) => Promise<Found>;

  constructor(workOut: (taskId: string) => Promise<Found>) {
    this.#workOut = workOut;
  }

  of({ id, endedAt }: Looked): Promise<Found> {
    const ended = endedAt !== null;
    const last = this.#known.get(id);
    if (last && last.ended === ended && (ended || Date.now() - last.atMs < FRESH_MS)) {
      return last.found;
    }
    const found = this.#workOut(id);
    this.#known.delete(id);
    this.#known.set(id, { ended, atMs: Date.now(), found });
    // Whoever asked hears of a failure; the next one asks anew.
    found.catch(() => this.#known.delete(id));
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KNOWN_MAX) {
        break;
      }
      this.#known.delete(oldest);
    }
    return found;
  }
}
