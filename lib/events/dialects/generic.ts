import { z } from "zod";
import type { Dialect } from "../event.ts";

const Event = z.object({
  id: z.string().min(1).optional(),
  action: z.enum(["push", "delete"]).default("push"),
  repository: z.string(),
  tag: z.string().nullish(),
  digest: z.string().nullish(),
});
const Payload = z.union([
  z.object({ events: z.array(Event) }),
  Event.transform((event) => ({ events: [event] })),
]);

/** Our own form (README.md, “Events”), for whatever can send JSON: a script after a push, a registry not known here. */
export const generic: Dialect = ({ json, requestId }) =>
  Payload.parse(json).events.map((event, index) => ({ ...event, id: event.id ?? `${requestId}.${index}` }));
