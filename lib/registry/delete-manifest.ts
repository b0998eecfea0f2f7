import { manifestPath } from "./manifests.ts";
import type { DeleteOptions } from "./repository.ts";
import type { Transport } from "./transport.ts";

/**
 * Deletes a tag, or by digest a manifest with every tag that names it. What is not there is deleted.
 * OCI distribution-spec v1.1.1, "Deleting tags" and "Deleting Manifests" (end-9).
 *
 * @throws {RegistryError} 400 or 405 where the registry does not delete, or not by tag; UNAUTHORIZED, DENIED
 */
export async function deleteManifest(
  transport: Transport,
  repository: string,
  reference: string,
  { signal, beforeSending }: DeleteOptions,
): Promise<void> {
  await transport.call(
    {
      method: "DELETE",
      to: manifestPath(repository, reference),
      scopes: [`repository:${repository}:pull,delete`],
      expect: [200, 202, 204, 404],
      beforeSending,
      signal,
    },
    async () => undefined,
  );
}
