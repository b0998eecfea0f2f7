import { z } from "zod";
import type { ClaimedEvent, Dialect } from "../event.ts";
import { EventData, resourcesOf } from "./resources.ts";

const ACTIONS: Readonly<Record<string, ClaimedEvent["action"]>> = {
  pushImage: "push",
  uploadChart: "push",
  deleteImage: "delete",
  deleteChart: "delete",
};

const Payload = z.object({ type: z.string(), event_data: z.unknown().optional() });

/** Tencent Container Registry, 触发器（Webhook）. */
export const tcr: Dialect = ({ json, bodyId }) => {
  const { type, event_data: eventData } = Payload.parse(json);
  const action = ACTIONS[type];
  return action ? resourcesOf(EventData.parse(eventData), action, bodyId) : [];
};
