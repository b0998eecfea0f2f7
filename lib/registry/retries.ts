import type { Call } from "./call.ts";
import { RegistryError, TransportError } from "./errors.ts";
import type { Answer } from "./exchange.ts";
import type { Patience } from "./patience.ts";
import type { RegistryOptions } from "./repository.ts";
import { backoffMs, isRetryable, Waits } from "./retry.ts";

const DEFAULT_RETRIES = 8;
/** A registry that has never answered is more likely mistyped than restarting. */
const RETRIES_BEFORE_FIRST_ANSWER = 4;

/** Whether a request can be sent a second time: a stream cannot. */
export function isReplayable({ body }: Call): boolean {
  return body === undefined || body instanceof Uint8Array;
}

/** Does again what may help, after the pauses that a registry asked for, of this request or of all. */
export class Retries {
  readonly #waits: Waits;
  readonly #most: number;
  readonly #patience: Patience;
  #reached = false;

  constructor({ onWait, retries }: Pick<RegistryOptions, "onWait" | "retries">, patience: Patience) {
    this.#waits = new Waits(onWait);
    this.#most = retries ?? DEFAULT_RETRIES;
    this.#patience = patience;
  }

  /** Somebody answered. */
  reached(): void {
    this.#reached = true;
  }

  /** What an answer of the registry says of the requests that are left. */
  hear(answer: Pick<Answer, "status" | "headers">): void {
    this.#waits.hear(answer, this.#patience.retryAfterMostMs);
  }

  /**
   * @param landed asked before a request is sent again whose answer was lost: true, and there is nothing left to do
   * @throws {RegistryError | TransportError} the last failure, when the retries are used up; the signal's reason
   */
  async run<T>(
    call: Call,
    attempt: () => Promise<T>,
    landed?: () => Promise<{ result: T } | null>,
  ): Promise<T> {
    for (let retry = 1; ; retry++) {
      await this.#waits.opening(call.signal);
      try {
        return await attempt();
      } catch (error) {
        call.signal?.throwIfAborted();
        if (!isReplayable(call) || retry > this.#mostOf(call) || !isRetryable(error)) {
          throw error;
        }
        await this.pauseAfter(error, retry, call.signal);
        const done = error instanceof TransportError || error.status >= 500 ? await landed?.() : null;
        if (done) {
          return done.result;
        }
      }
    }
  }

  /** The pause before the given repetition (1, 2, …) of what failed like this: as long as the registry asked for, or longer. */
  pauseAfter(error: RegistryError | TransportError, retry: number, signal: AbortSignal | undefined) {
    const said = error instanceof RegistryError ? error.retryAfterMs : undefined;
    const asked = said === undefined ? undefined : Math.min(said, this.#patience.retryAfterMostMs);
    const limited = error instanceof RegistryError && error.status === 429;
    if (limited && asked !== undefined) {
      this.#waits.closeFor(asked);
    }
    const ms = Math.max(asked ?? 0, this.backoffMs(retry));
    return this.#waits.pause(ms, limited || asked !== undefined ? "rate-limit" : "backoff", signal);
  }

  /** Pause before the given repetition (1, 2, …). */
  backoffMs(retry: number): number {
    return backoffMs(retry, Math.random(), this.#patience);
  }

  #mostOf({ retries }: Call): number {
    return retries ?? (this.#reached ? this.#most : Math.min(this.#most, RETRIES_BEFORE_FIRST_ANSWER));
  }
}
