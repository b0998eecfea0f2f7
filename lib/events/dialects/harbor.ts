import { z } from "zod";
import type { ClaimedEvent, Dialect } from "../event.ts";
import { EventData, resourcesOf } from "./resources.ts";

const ACTIONS: Readonly<Record<string, ClaimedEvent["action"]>> = {
  PUSH_ARTIFACT: "push",
  DELETE_ARTIFACT: "delete",
  // Versions before 2.8, which have a chart repository.
  UPLOAD_CHART: "push",
  DELETE_CHART: "delete",
  "harbor.artifact.pushed": "push",
  "harbor.artifact.deleted": "delete",
};

/** In the format Default the event lies in `event_data`, in the format CloudEvents in `data`. */
const Payload = z.object({
  type: z.string(),
  id: z.string().optional(),
  event_data: z.unknown().optional(),
  data: z.unknown().optional(),
});

/** Harbor, "Configure Webhook Notifications", both payload formats; pulls, scans and quotas are passed over. */
export const harbor: Dialect = ({ json, bodyId }) => {
  const { type, id, event_data: eventData, data } = Payload.parse(json);
  const action = ACTIONS[type];
  return action ? resourcesOf(EventData.parse(eventData ?? data), action, id ?? bodyId) : [];
};
