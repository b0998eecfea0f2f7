import type { RequestOptions } from "../repository.ts";
import type { Transport } from "../transport.ts";

/** Where registries differ from each other: how to list, how a namespace comes to be. */
export interface Vendor {
  /** Names of repositories, page by page; `namespace` may narrow what is asked for, never what is meant. */
  repositories(
    transport: Transport,
    options: RequestOptions & { namespace?: string | undefined },
  ): AsyncIterable<string[]>;
  /** Makes sure that a push to this namespace can work. */
  ensureNamespace(transport: Transport, namespace: string, options: RequestOptions): Promise<void>;
}
