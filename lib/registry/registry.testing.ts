import { onTestFinished } from "vitest";
import { allowAll } from "./egress.ts";
import { createRegistry } from "./remote-registry.ts";
import type { Registry, RegistryOptions } from "./repository.ts";

/** A client of a server on loopback, until the test ends. */
export function registryClient(address: string, options: Partial<RegistryOptions> = {}): Registry {
  const registry = createRegistry({
    address,
    vendor: "generic",
    plainHttp: true,
    egress: allowAll,
    ...options,
  });
  onTestFinished(() => registry.close());
  return registry;
}
