import { createHash } from "node:crypto";
import { isDigest } from "../registry/digest.ts";
import { isRepositoryName, isTag } from "../registry/reference.ts";

/** What a registry says has happened. A hint: nothing in it is dialled, and whatever follows reads the tag anew. */
export interface RegistryEvent {
  /** The sender's own name of the event, or what stands in for it: the same twice is one event. */
  id: string;
  action: "push" | "delete";
  /** Full path, namespace included. */
  repository: string;
  /** Null where only a digest is named: by a deletion, or by the push of a signature or of a part of an index. */
  tag: string | null;
  digest: string | null;
}

/** A request that carries events, as a dialect sees it. */
export interface EventRequest {
  /** @returns null when the header was not sent; names in any case */
  header(name: string): string | null;
  /** The body, parsed as JSON. */
  json: unknown;
  /** Names the events of a sender that gives them no id but a time: a hash of the whole body. */
  bodyId: string;
  /** For a sender that gives neither: a second push of a tag sends the same body, so each request is one of its own. */
  requestId: string;
}

/** One way of telling events. @throws {ZodError} when the body does not have its shape */
export type Dialect = (request: EventRequest) => ClaimedEvent[];

/** What a sender claims, before the grammar was looked at. */
export interface ClaimedEvent {
  id: string;
  action: RegistryEvent["action"];
  repository: string;
  tag?: string | null | undefined;
  digest?: string | null | undefined;
}

/** What is stored of an id as it is. It serves to recognise a repetition, nothing else. */
const PLAIN_ID = /^[\x21-\x7e]{1,200}$/;

/**
 * Holds a claim to the grammar of the OCI specifications. Some senders put a digest where the tag belongs.
 * @returns null for what names neither a tag nor a digest, or breaks the grammar
 */
export function checkedEvent(claim: ClaimedEvent): RegistryEvent | null {
  const { action, repository } = claim;
  const tag = claim.tag && isTag(claim.tag) ? claim.tag : null;
  const digest = [claim.digest, claim.tag].find((text) => typeof text === "string" && isDigest(text)) ?? null;
  if ((tag === null && digest === null) || !isRepositoryName(repository)) {
    return null;
  }
  return { id: storedId(claim.id), action, repository, tag, digest };
}

/** Two ids that differ stay two: cutting one short would take an event for the repetition of another. */
function storedId(id: string): string {
  return PLAIN_ID.test(id) ? id : createHash("sha256").update(id).digest("hex");
}
