import { z } from "zod";
import type { Dialect } from "../event.ts";

const Payload = z.object({
  push_data: z.object({ tag: z.string() }),
  repository: z.object({ repo_name: z.string() }),
});

/** Docker Hub, "Webhooks": pushes only, without a digest, and a `callback_url` that we do not call. */
export const dockerHub: Dialect = ({ json, bodyId }) => {
  const { push_data: push, repository } = Payload.parse(json);
  return [{ id: bodyId, action: "push", repository: repository.repo_name, tag: push.tag }];
};
