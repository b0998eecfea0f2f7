import { RegistryError } from "./errors.ts";
import { pagesOf } from "./paging.ts";
import { isTag } from "./reference.ts";
import type { TagsOptions } from "./repository.ts";
import type { Transport } from "./transport.ts";

/**
 * Every tag, page by page. A repository that the registry does not know has none (T8).
 * OCI distribution-spec v1.1.1, "Listing Tags" (end-8a, end-8b).
 */
export async function* listTags(
  transport: Transport,
  repository: string,
  { signal, after }: TagsOptions,
): AsyncGenerator<string[]> {
  try {
    yield* pagesOf(transport, {
      path: `/v2/${repository}/tags/list?n=1000${after === undefined ? "" : `&last=${encodeURIComponent(after)}`}`,
      scopes: [`repository:${repository}:pull`],
      field: "tags",
      isName: isTag,
      signal,
    });
  } catch (error) {
    if (!(error instanceof RegistryError && error.status === 404)) {
      throw error;
    }
  }
}
