import { z } from "zod";
import { OCI_INDEX, OCI_MANIFEST } from "../../registry/media-types.ts";
import type { Dialect } from "../event.ts";

/** Anything else in the envelope is of no use to us: who asked, from where, and addresses that nobody is to dial. */
const Envelope = z.object({
  events: z.array(
    z.object({
      id: z.string(),
      action: z.string(),
      target: z.object({
        repository: z.string().optional(),
        tag: z.string().optional(),
        digest: z.string().optional(),
        mediaType: z.string().optional(),
      }),
    }),
  ),
});

/** What may refer to something; layers and images of the older kind are told of by digest as well, and never do. */
const MAY_REFER: ReadonlySet<string> = new Set([OCI_MANIFEST, OCI_INDEX]);

/** CNCF Distribution, "Work with notifications": an envelope of events, pulls and layers among them. */
export const distribution: Dialect = ({ json, bodyId }) =>
  Envelope.parse(json).events.flatMap(({ id, action, target }, index) => {
    const { repository, tag, digest, mediaType = "" } = target;
    if ((action !== "push" && action !== "delete") || repository === undefined) {
      return [];
    }
    return action === "delete" || tag || MAY_REFER.has(mediaType)
      ? [{ id: id || `${bodyId}.${index}`, action, repository, tag, digest }]
      : [];
  });
