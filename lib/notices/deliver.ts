import { TransportError } from "../registry/errors.ts";
import type { Post } from "../registry/post.ts";
import { messageFor, type Receiver } from "./message.ts";
import { shownAnswer } from "./redact.ts";
import { type Verdict, verdictOf, verdictWithoutAnswer } from "./verdict.ts";
import type { Notice, Wording } from "./wording.ts";

/** What became of one message. */
export interface Outcome {
  verdict: Verdict;
  httpStatus: number | null;
  /** Redacted. */
  answer: string | null;
  elapsedMs: number | null;
}

export interface Delivery {
  /** The same at each attempt. */
  id: string;
  /** By the database's clock, which the receiver's is compared with. */
  at: Date;
  notices: readonly Notice[];
  wording: Wording;
  signal?: AbortSignal;
}

/**
 * Sends one message, once, and reads what the receiver says of it.
 * @throws the signal's reason when it is aborted: nobody knows then whether it arrived
 */
export async function deliver(post: Post, receiver: Receiver, delivery: Delivery): Promise<Outcome> {
  const { wording, signal, ...told } = delivery;
  const message = messageFor(receiver, told, wording);
  try {
    const answer = await post({ ...message, signal });
    return {
      verdict: verdictOf(receiver.kind, answer),
      httpStatus: answer.status,
      answer: shownAnswer(answer.text, receiver) || null,
      elapsedMs: answer.elapsedMs,
    };
  } catch (error) {
    if (!signal?.aborted && error instanceof TransportError) {
      return unanswered(verdictWithoutAnswer(error.code));
    }
    throw error;
  }
}

export const unanswered = (verdict: Verdict): Outcome => ({
  verdict,
  httpStatus: null,
  answer: null,
  elapsedMs: null,
});
