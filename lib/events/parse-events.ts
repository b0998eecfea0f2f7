import { createHash, randomUUID } from "node:crypto";
import { ZodError } from "zod";
import type { DialectName } from "../schemas/words.ts";
import { distribution } from "./dialects/distribution.ts";
import { dockerHub } from "./dialects/docker-hub.ts";
import { generic } from "./dialects/generic.ts";
import { ghcr } from "./dialects/ghcr.ts";
import { harbor } from "./dialects/harbor.ts";
import { quay } from "./dialects/quay.ts";
import { tcr } from "./dialects/tcr.ts";
import { zot } from "./dialects/zot.ts";
import { type ClaimedEvent, checkedEvent, type Dialect, type RegistryEvent } from "./event.ts";

/** A longer body is refused before it is read to its end. */
export const MAX_BODY_BYTES = 1024 * 1024;
/** A request with more is refused whole: taking the first of them would lose the others without a word. */
export const MAX_EVENTS = 1_000;

const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  distribution,
  harbor,
  tcr,
  zot,
  "docker-hub": dockerHub,
  quay,
  ghcr,
  generic,
};

/** What was sent is not what this sender's documentation says. */
export class UnreadableEvents extends Error {
  override readonly name = "UnreadableEvents";
}

/**
 * Turns the body of a request into events. What is no push or deletion of a tag, and what breaks the grammar of names, is
 * left out; an empty list is a good answer.
 * @throws {UnreadableEvents} when the body is not JSON, has another shape, or holds more than {@link MAX_EVENTS}
 */
export function parseEvents(
  dialect: DialectName,
  request: { header(name: string): string | null; body: Uint8Array },
): RegistryEvent[] {
  const json = jsonOf(request.body);
  const claims = claimsOf(() =>
    DIALECTS[dialect]({
      header: request.header,
      json,
      bodyId: createHash("sha256").update(request.body).digest("hex"),
      requestId: randomUUID(),
    }),
  );
  if (claims.length > MAX_EVENTS) {
    throw new UnreadableEvents(`${claims.length} events in one request`);
  }
  return claims.map(checkedEvent).filter((event) => event !== null);
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw new UnreadableEvents("the body is not JSON", { cause });
  }
}

function claimsOf(read: () => ClaimedEvent[]): ClaimedEvent[] {
  try {
    return read();
  } catch (cause) {
    throw cause instanceof ZodError
      ? new UnreadableEvents("not what this sender is documented to send", { cause })
      : cause;
  }
}
