import { RegistryError } from "./errors.ts";
import { pagesOf } from "./paging.ts";
import { isTag } from "./reference.ts";
import type { RequestOptions } from "./repository.ts";
import type { Transport } from "./transport.ts";

/**
 * Every tag, page by page. A repository that the registry does not know has none (T8).
 * OCI distribution-spec v1.1.1, "Listing Tags" (end-8).
 */
export async function* listTags(
  transport: Transport,
  repository: string,
  options: RequestOptions,
): AsyncGenerator<string[]> {
  try {
    yield* pagesOf(transport, {
      path: `/v2/${repository}/tags/list?n=1000`,
      scopes: [`repository:${repository}:pull`],
      field: "tags",
      isName: isTag,
      signal: options.signal,
    });
  } catch (error) {
    if (!(error instanceof RegistryError && error.status === 404)) {
      throw error;
    }
  }
}
