import { catalog } from "../catalog.ts";
import type { Vendor } from "./vendor.ts";

/** CNCF Distribution (registry:2, registry:3). Its catalogue is in order, so a namespace is a stretch of it. */
export const distribution: Vendor = {
  async *repositories(transport, options) {
    const { namespace } = options;
    if (!namespace) {
      yield* catalog(transport, options);
      return;
    }
    // In both orders that its versions use (`/` as it is, or first of all) the namespace sorts before its repositories.
    for await (const names of catalog(transport, { ...options, last: namespace })) {
      yield names.filter((name) => name.startsWith(`${namespace}/`));
      if (names.length > 0 && names.every((name) => isBehind(name, namespace))) {
        return;
      }
    }
  },
  ensureNamespace: async () => undefined,
};

/** True when in either order no repository of the namespace can follow. */
function isBehind(name: string, namespace: string): boolean {
  const last = `${namespace}/\uffff`;
  return name > last && name.replaceAll("/", "\u0000") > last.replaceAll("/", "\u0000");
}
