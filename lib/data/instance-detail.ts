import "server-only";
import type { Actor } from "../auth/actor.ts";
import type { InstanceDetail } from "../schemas/instance-health.ts";
import { instanceEvents } from "./instance-events.ts";
import { instanceFeeds, rulesNaming } from "./instance-feeds.ts";
import { healthHistory } from "./instance-health.ts";
import { limitsInUse } from "./instance-limits.ts";
import { getInstance } from "./instances.ts";

/** Named beside the danger zone; the rest is a link. */
const MENTIONS = 6;

/** Everything that the page of one instance shows. @throws {AppError} NOT_FOUND when the actor does not hold view here */
export async function getInstanceDetail(
  actor: Actor<"instance:view">,
  instanceId: string,
): Promise<InstanceDetail> {
  const instance = await getInstance(actor, instanceId);
  const [history, feeds, events, limits, rules] = await Promise.all([
    healthHistory(actor, instance.id),
    instanceFeeds(actor, instance.id),
    instanceEvents(actor, instance.id),
    instance.limits ? limitsInUse([instance.id]) : null,
    rulesNaming(actor, instance.id, MENTIONS),
  ]);
  return { instance, history, feeds, events, limits: limits?.get(instance.id) ?? null, rules };
}
