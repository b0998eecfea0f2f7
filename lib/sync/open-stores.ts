import { createChartMuseum } from "../registry/chart-museum/museum.ts";
import { createRegistry } from "../registry/remote-registry.ts";
import type { Registry, RegistryOptions } from "../registry/repository.ts";
import type { Stores } from "./stores.ts";

/** An end of a copy as an instance describes it: a registry, and the address of a chart repository beside it. */
export interface StoresOptions extends RegistryOptions {
  chartsAddress?: string | null | undefined;
}

/**
 * Opens what an instance has. Both are reached with the same credentials, certificates and egress rule; nothing is asked before
 * the first call.
 * @throws {TypeError} for an address that is none
 */
export function openStores({ chartsAddress, ...options }: StoresOptions): Stores & { registry: Registry } {
  return {
    registry: createRegistry(options),
    charts: chartsAddress ? createChartMuseum({ ...options, address: chartsAddress }) : null,
  };
}

/** Every store that there is. */
export function storesIn({ registry, charts }: Stores): Registry[] {
  return [registry, charts].filter((store) => store !== null);
}

/** Closes every connection. */
export async function closeStores(stores: Stores): Promise<void> {
  await Promise.all(storesIn(stores).map((store) => store.close()));
}
