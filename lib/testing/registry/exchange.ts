import type { IncomingMessage, ServerResponse } from "node:http";
import type { ManifestChange } from "./notifications.ts";
import type { Store } from "./store.ts";

/** One request on its way to its answer. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly store: Store;
  readonly options: BehaviourOptions;
  /** Tells of what happened to a manifest; waits for nobody. */
  tell(change: ManifestChange): void;
  /** May the bearer also pull from this repository? A mount asks. */
  mayPull(repository: string): boolean;
}

/** Where real registries differ. */
export interface BehaviourOptions {
  /** Most entries a page of `_catalog`, `tags/list` and `referrers` holds; default 1000. */
  pageSize: number;
  /** false: 404 as registries before OCI 1.1 answer, and no OCI-Subject. */
  referrersApi: boolean;
  /** true: an index may name manifests that are not here. */
  sparseIndexes: boolean;
  /** false: a mount is always answered with an upload session (202). */
  mount: boolean;
}

/** What an interceptor sees; it may answer in the registry's place, or spoil the connection. */
export interface Interception {
  readonly method: string;
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** How many requests with this method and path came before. */
  readonly earlier: number;
}

/** `answered`: the interceptor has dealt with the request. */
export type Intercept = (
  interception: Interception,
) => "answered" | undefined | Promise<"answered" | undefined>;
