import { RegistryError } from "../registry/errors.ts";
import { HELM_CONFIG, OCI_MANIFEST } from "../registry/media-types.ts";
import { MemoryRegistry } from "../registry/memory-repository.ts";

/** Everything below `team`. */
const everything = { source: "", matches: () => true };
export const selection = {
  namespace: "team",
  repository: everything,
  tag: everything,
  resourceType: "all",
} as const;

/** A registry with charts under these names, such as `team/web:1.0.0`, each of content of its own. */
export function holding(...tags: string[]): MemoryRegistry {
  const registry = new MemoryRegistry();
  for (const name of tags) {
    putChart(registry, name, name);
  }
  return registry;
}

export function putChart(registry: MemoryRegistry, name: string, content: string): void {
  const [repository = "", tag = ""] = name.split(":");
  const held = registry.repository(repository);
  const config = held.putBlob(new TextEncoder().encode(content), HELM_CONFIG);
  held.putManifest({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [] }, tag);
}

/** One that cannot list. */
export function broken(status: number): MemoryRegistry {
  const registry = new MemoryRegistry();
  registry.repositories = () => refuse(status);
  return registry;
}

/** One that answers nothing, as a chart repository does whose index cannot be read. */
export function unreadable(status = 403): MemoryRegistry {
  const registry = broken(status);
  const repository = registry.repository.bind(registry);
  registry.repository = (name) => {
    const held = repository(name);
    held.tags = () => refuse(status);
    held.resolve = async () => refuse(status);
    return held;
  };
  return registry;
}

function refuse(status: number): never {
  const answer = { status, method: "GET", url: "memory://charts", detail: "" };
  throw new RegistryError({ code: "NAME_UNKNOWN", ...answer });
}
