/** How long a registry is waited for, milliseconds. */
export interface Patience {
  /** Silence in the middle of a body. */
  idleBodyMs: number;
  /** Silence before an answer begins. Committing a large blob takes a registry its time, see `commitMs`. */
  headersMs: number;
  /** Silence before the answer to an upload: no answer, and not as much accepted as waits to be sent, a mebibyte: a trickle is silence. */
  commitMs: number;
  /** For bodies that are read as a whole. */
  wholeBodyMs: number;
  /** Slow-loris guard: so much waiting for the network with next to no bytes ends a read. */
  slowWindowMs: number;
  /** Pause before the first repetition; doubled each time, up to `backoffMostMs`. */
  backoffMs: number;
  backoffMostMs: number;
  /** A registry may ask for hours; nobody waits that long inside one request. */
  retryAfterMostMs: number;
}

export const PATIENCE: Patience = {
  idleBodyMs: 30_000,
  headersMs: 60_000,
  commitMs: 300_000,
  wholeBodyMs: 120_000,
  slowWindowMs: 60_000,
  backoffMs: 500,
  backoffMostMs: 20_000,
  retryAfterMostMs: 5 * 60_000,
};
