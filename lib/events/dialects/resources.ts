import { z } from "zod";
import type { ClaimedEvent } from "../event.ts";

/** Harbor's `event_data`, which TCR has too: one repository, one or more of its tags. */
export const EventData = z.object({
  resources: z.array(z.object({ digest: z.string().optional(), tag: z.string().optional() })).default([]),
  repository: z.object({ repo_full_name: z.string() }),
});

/** Neither sender names its events: what happened, when and to what does. */
export function resourcesOf(
  { resources, repository }: z.output<typeof EventData>,
  action: ClaimedEvent["action"],
  id: string,
): ClaimedEvent[] {
  return resources.map(({ digest, tag }, index) => ({
    id: `${id}.${index}`,
    action,
    repository: repository.repo_full_name,
    tag,
    digest,
  }));
}
