import { catalog } from "../catalog.ts";
import type { Vendor } from "./vendor.ts";

/** Any registry that speaks the OCI Distribution API, with Docker's catalogue where it has one. */
export const generic: Vendor = {
  repositories: (transport, options) => catalog(transport, options),
  // Repositories come into being with the first push.
  ensureNamespace: async () => undefined,
};
