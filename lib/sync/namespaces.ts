import type { Registry } from "../registry/repository.ts";
import { step } from "./errors.ts";

/**
 * The first components of the repositories' names, sorted; '' when some repository has no slash.
 * @throws {CopyError} when the registry cannot list
 */
export async function listNamespaces(
  registry: Registry,
  { signal, limit = 1_000 }: { signal: AbortSignal; limit?: number | undefined },
): Promise<string[]> {
  const namespaces = new Set<string>();
  await step({ operation: "list-repositories", side: "source" }, async () => {
    for await (const page of registry.repositories({ signal })) {
      for (const name of page) {
        namespaces.add(name.includes("/") ? name.slice(0, name.indexOf("/")) : "");
      }
      if (namespaces.size >= limit) {
        return;
      }
    }
  });
  return [...namespaces].sort().slice(0, limit);
}
