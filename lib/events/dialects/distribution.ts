import { z } from "zod";
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
      }),
    }),
  ),
});

/**
 * CNCF Distribution, "Work with notifications": an envelope of events, pulls and layers among them. Only the push of a tag
 * names one.
 */
export const distribution: Dialect = ({ json }) =>
  Envelope.parse(json).events.flatMap(({ id, action, target }) =>
    (action === "push" || action === "delete") && target.repository !== undefined
      ? [{ id, action, repository: target.repository, tag: target.tag, digest: target.digest }]
      : [],
  );
