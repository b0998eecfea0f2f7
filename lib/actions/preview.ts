import "server-only";
import type { Actor } from "../auth/actor.ts";
import { behindIn, type PreviewPlan } from "../data/preview.ts";
import { AppError } from "../errors.ts";
import { compileTagChoice } from "../pattern/compile-tag-choice.ts";
import { compilePattern } from "../pattern/pattern.ts";
import type { PreviewEvent, PreviewInput } from "../schemas/preview.ts";
import type { FailureFact } from "../schemas/task.ts";
import { bothStores } from "../sync/both-stores.ts";
import { type PreviewRequest, previewRule } from "../sync/preview.ts";
import { probeTag } from "../sync/probe-tag.ts";
import { type HeldRegistry, holdRegistry } from "./preview-registries.ts";

/** Previews that one user may have under way: a list and a probe in two windows. One more takes the place of the oldest. */
const AT_ONCE = 4;

const underWay = new Map<string, AbortController[]>();
const SUPERSEDED = Symbol("superseded");

/** Runs a preview until its signal ends it, or a newer one of the same user. */
export async function* runPreview(
  { actor, plan }: { actor: Actor; plan: PreviewPlan },
  { only, fresh }: Pick<PreviewInput, "only" | "fresh">,
  signal: AbortSignal,
): AsyncGenerator<PreviewEvent> {
  const startedAt = performance.now();
  const userId = actor.user.id ?? "";
  const place = takePlace(userId);
  const held: HeldRegistry[] = [];
  const hold = (connection: PreviewPlan["source"]) => {
    const taken = holdRegistry(userId, connection, fresh);
    held.push(taken);
    return taken;
  };
  const sourceOf = ({ registry, charts }: HeldRegistry) =>
    charts && plan.resourceType !== "image" ? bothStores(registry, charts) : registry;
  const both = AbortSignal.any([signal, place.signal]);
  try {
    const request: PreviewRequest = {
      source: sourceOf(hold(plan.source)),
      targets: plan.targets.map(({ connection, namespace }) => ({ namespace, ...hold(connection) })),
      override: plan.override,
      isBehind: behindIn(plan),
      platforms: plan.platforms,
      partsBefore: plan.partsBefore,
      selection: {
        namespace: plan.sourceNamespace,
        repository: compiled(plan.repositoryPattern),
        ...chosen(plan),
        resourceType: plan.resourceType,
        ...(only ? { only: [only] } : {}),
      },
    };
    const events = only ? probeTag(request, only, both) : previewRule(request, { signal: both });
    for await (const event of events) {
      yield withoutAddresses(event);
    }
  } catch (error) {
    if (place.signal.reason !== SUPERSEDED) {
      throw error;
    }
    yield { kind: "end", limit: "superseded", elapsedMs: Math.round(performance.now() - startedAt) };
  } finally {
    leavePlace(userId, place);
    for (const { release } of held) {
      release();
    }
  }
}

/** A blocked address and a closed port answer alike, or this would be a port scanner, as in connection.ts. */
function withoutAddresses(event: PreviewEvent): PreviewEvent {
  if (event.kind === "failed") {
    return { ...event, failure: alike(event.failure) };
  }
  if (event.kind !== "rows") {
    return event;
  }
  const rows = event.rows.map((row) => ({
    ...row,
    failure: row.failure && alike(row.failure),
    outcomes: row.outcomes.map((outcome) => ({
      ...outcome,
      failure: outcome.failure && alike(outcome.failure),
    })),
  }));
  return { ...event, rows };
}

function alike(failure: FailureFact): FailureFact {
  return failure.code === "CONNECTION" || failure.code === "EGRESS_DENIED"
    ? { ...failure, code: "UNREACHABLE", registryMessage: null, request: null }
    : failure;
}

function takePlace(userId: string): AbortController {
  const place = new AbortController();
  const places = [...(underWay.get(userId) ?? []), place];
  while (places.length > AT_ONCE) {
    places.shift()?.abort(SUPERSEDED);
  }
  underWay.set(userId, places);
  return place;
}

function leavePlace(userId: string, place: AbortController): void {
  const places = (underWay.get(userId) ?? []).filter((other) => other !== place);
  if (places.length > 0) {
    underWay.set(userId, places);
  } else {
    underWay.delete(userId);
  }
}

function chosen(plan: PreviewPlan) {
  const choice = compileTagChoice(plan);
  if (!choice) {
    throw new AppError("INVALID", "invalid");
  }
  return choice;
}

function compiled(source: string) {
  const result = compilePattern(source);
  if (!result.ok) {
    throw new AppError("INVALID", "invalid");
  }
  return result.pattern;
}
