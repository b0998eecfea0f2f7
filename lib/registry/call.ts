import type { Address } from "./address.ts";
import type { Exchange } from "./exchange.ts";

/** What is asked of a registry through its transport. */
export interface Call {
  method: Exchange["method"];
  /** Path and query at the registry, or a URL that `ownUrl` has approved. */
  to: string | Address;
  /** What the token must allow, e.g. `repository:app:pull`. */
  scopes: readonly string[];
  headers?: Exchange["headers"];
  /** Shown to a registry that has not asked who we are. Like every Authorization it goes to the registry's origin only. */
  unasked?: string | undefined;
  body?: Exchange["body"];
  /** Statuses that are answers; every other one is a RegistryError. */
  expect: readonly number[];
  headersTimeoutMs?: number | undefined;
  /** Times to ask again at most. A body that streams is never sent twice. */
  retries?: number | undefined;
  /** Has the last word before every single request, after all waits and the token: when it throws, nothing is sent. */
  beforeSending?: (() => Promise<void>) | undefined;
  signal?: AbortSignal | undefined;
}
