import { z } from "zod";
import type { Dialect } from "../event.ts";

const Package = z.object({
  name: z.string(),
  namespace: z.string(),
  package_type: z.string(),
  package_version: z
    .object({
      container_metadata: z
        .object({ tag: z.object({ name: z.string(), digest: z.string().optional() }).optional() })
        .nullish(),
    })
    .nullish(),
});
const Payload = z.object({
  action: z.string().optional(),
  package: Package.optional(),
  registry_package: Package.optional(),
});

/** GitHub, "Webhook events and payloads", `package` and `registry_package`, of which one push may bring both. */
export const ghcr: Dialect = ({ header, json, bodyId }) => {
  const payload = Payload.parse(json);
  const found = payload.registry_package ?? payload.package;
  const tag = found?.package_version?.container_metadata?.tag;
  const told = payload.action === "published" || payload.action === "updated";
  if (!found || !tag || !told || found.package_type.toLowerCase() !== "container") {
    return [];
  }
  const repository = `${found.namespace}/${found.name}`.toLowerCase();
  const id = header("x-github-delivery") || bodyId;
  return [{ id, action: "push", repository, tag: tag.name, digest: tag.digest }];
};
