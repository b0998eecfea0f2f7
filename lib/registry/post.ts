import { bareUrl } from "./address.ts";
import { egressRule, listedOnly } from "./egress.ts";
import { TransportError } from "./errors.ts";
import { Connections } from "./exchange.ts";
import { retryAfterMs } from "./retry.ts";

/** From dialling to the end of the answer, which is short. */
const POST_TIMEOUT_MS = 15_000;
/** Read of an answer; what follows is given up. */
const ANSWER_BYTES = 64 * 1024;
/** Longest that a receiver may ask to be left alone. */
const RETRY_AFTER_MOST_MS = 24 * 3_600_000;

export interface PostRequest {
  url: URL;
  headers: Record<string, string>;
  body: string;
  signal?: AbortSignal | undefined;
}

export interface PostAnswer {
  status: number;
  /** The beginning of the body, 64 KiB at most. */
  text: string;
  /** `Retry-After`, a day at most. */
  retryAfterMs: number | undefined;
  elapsedMs: number;
}

/** @throws {TransportError} when no answer came; its message names the path, which may be a secret here: show its code */
export type Post = (request: PostRequest) => Promise<PostAnswer>;

/**
 * Sends messages to addresses that are no registry's: once, without credentials of ours, never after a redirect, within the
 * egress rule. Not encrypted only to addresses that the operator has listed, whatever name leads there. Each has a connection of
 * its own, so that one that hangs holds up no other.
 *
 * @param allow the operator's CIDRs, as for {@link egressRule}
 */
export function poster(allow: readonly string[]): Post {
  const anywhere = egressRule([...allow]);
  const listed = listedOnly([...allow]);
  return async ({ url, headers, body, signal }) => {
    if (!/^https?:$/.test(url.protocol)) {
      const request = { method: "POST", url: url.protocol };
      throw new TransportError("EGRESS_DENIED", request, "nothing but http and https is spoken");
    }
    const connections = new Connections(url.protocol === "https:" ? anywhere : listed, undefined);
    const late = AbortSignal.timeout(POST_TIMEOUT_MS);
    try {
      const answer = await connections.send({
        method: "POST",
        url,
        headers,
        body: Buffer.from(body),
        headersTimeoutMs: POST_TIMEOUT_MS,
        signal: signal ? AbortSignal.any([signal, late]) : late,
      });
      const excerpt = await answer.body.excerpt(ANSWER_BYTES);
      return {
        status: answer.status,
        text: excerpt.toString("utf8"),
        retryAfterMs: retryAfterMs(answer.headers.get("retry-after"), Date.now(), RETRY_AFTER_MOST_MS),
        elapsedMs: Math.round(answer.elapsedMs),
      };
    } catch (error) {
      if (late.aborted && !signal?.aborted) {
        throw new TransportError("TIMEOUT", { method: "POST", url: bareUrl(url) }, "no answer in time", {
          cause: error,
        });
      }
      throw error;
    } finally {
      await connections.close();
    }
  };
}
