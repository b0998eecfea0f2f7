import { z } from "zod";
import type { Dialect } from "../event.ts";

/** Once a map of tags to image ids (no digests of manifests), by now a list of tags. */
const Tags = z.union([z.array(z.string()), z.record(z.string(), z.unknown()).transform(Object.keys)]);
const Payload = z.object({ repository: z.string(), updated_tags: Tags.optional() });

/** Quay, "Repository Notifications", Repository Push; notices of builds and scans carry no tags. */
export const quay: Dialect = ({ json, requestId }) => {
  const { repository, updated_tags: tags = [] } = Payload.parse(json);
  return tags.map((tag, index) => ({ id: `${requestId}.${index}`, action: "push", repository, tag }));
};
