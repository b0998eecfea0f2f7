import { pagesOf } from "./paging.ts";
import { isRepositoryName } from "./reference.ts";
import type { RequestOptions } from "./repository.ts";
import type { Transport } from "./transport.ts";

/** 2.8.3 refuses more. */
const PAGE = 1000;

/**
 * Names of repositories as Docker's catalogue lists them; it is no part of the OCI specification (T7).
 * @param options.last begin behind this name
 * @throws {RegistryError} where the registry has no catalogue, or shows it to others only
 */
export function catalog(
  transport: Transport,
  options: RequestOptions & { last?: string | undefined; page?: number; retries?: number },
): AsyncGenerator<string[]> {
  const query = new URLSearchParams({ n: String(options.page ?? PAGE) });
  if (options.last !== undefined) {
    query.set("last", options.last);
  }
  return pagesOf(transport, {
    path: `/v2/_catalog?${query}`,
    scopes: ["registry:catalog:*"],
    field: "repositories",
    isName: isRepositoryName,
    signal: options.signal,
    retries: options.retries,
  });
}
