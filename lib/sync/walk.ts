import { type AbortListener, abortHub } from "../registry/abort-hub.ts";
import { keepsWholes } from "../registry/chart-museum/museum-repository.ts";
import type { Repository } from "../registry/repository.ts";
import { chartPlacements } from "./chart-placements.ts";
import type { Claim, Placements } from "./placements.ts";
import type { Kept } from "./platforms/narrow.ts";
import { type TargetMemory, targetMemory } from "./target-memory.ts";
import { type Throttle, UNTHROTTLED } from "./throttle.ts";
import type { TransferContext, TransferProgress, TransferRequest } from "./transfer.ts";

/** What every step of copying one graph needs to know. */
export interface Walk {
  source: Repository;
  target: Repository;
  placements: Placements;
  memory: TargetMemory;
  throttle: Throttle;
  /** Stops everything at once: a person said stop, or the worker lost its lease. */
  signal: AbortSignal;
  /** Stops what has not begun: a sibling failed. What is on its way still lands, and need not be sent again. */
  readonly begin: AbortSignal;
  /** Makes `begin` stop, with the failure as its reason: whoever waits ends with that, not with an abort of its own. */
  fail(error: unknown): void;
  report(progress: TransferProgress): void;
  /** Of the TransferContext. */
  beforeTag?: TransferContext["beforeTag"];
  aloneAtTag?: TransferContext["aloneAtTag"];
  aloneAtDigestTag?: TransferContext["aloneAtDigestTag"];
  willName?: TransferContext["willName"];
  isBehind?: TransferContext["isBehind"];
  /** Of indexes that are not copied whole: which entries are. */
  kept?: Kept | undefined;
  /** Signatures, attestations and SBOMs come along: what refers to something is listed under it. */
  bringsReferrers?: boolean | undefined;
  /** An index that stands at the target may lack what it names: it is looked into. */
  doubtsIndexes?: boolean | undefined;
}

/**
 * Runs the walk of one transfer. Its `begin` hears the signal of the context as long as it runs: `AbortSignal.any` would need no end,
 * but leaves work for the collector with each of thousands of tags.
 */
export async function walking<T>(
  request: TransferRequest,
  context: TransferContext,
  run: (walk: Walk) => Promise<T>,
): Promise<T> {
  context.signal.throwIfAborted();
  const beginning = new Beginning(context.signal);
  try {
    return await run(new TransferWalk(request, context, beginning));
  } finally {
    beginning.end();
  }
}

/** What stops with a signal, or before it. Most walks find nothing to be done: nothing is made of it before somebody waits with it. */
class Beginning implements AbortListener {
  hubPlace: number | undefined = undefined;
  readonly #outer: AbortSignal;
  #controller: AbortController | undefined;

  constructor(outer: AbortSignal) {
    this.#outer = outer;
  }

  get signal(): AbortSignal {
    return this.#made.signal;
  }

  fail(error: unknown): void {
    this.#made.abort(error);
  }

  onAbort(reason: unknown): void {
    this.#controller?.abort(reason);
  }

  end(): void {
    if (this.#controller) {
      abortHub(this.#outer).delete(this);
    }
  }

  get #made(): AbortController {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#outer.aborted) {
        this.#controller.abort(this.#outer.reason);
      } else {
        abortHub(this.#outer).add(this);
      }
    }
    return this.#controller;
  }
}

/** A class, since thousands are made: a literal with a getter is made anew, property by property, each time. */
class TransferWalk implements Walk {
  readonly source: Walk["source"];
  readonly target: Walk["target"];
  readonly placements: Walk["placements"];
  readonly memory: Walk["memory"];
  readonly throttle: Walk["throttle"];
  readonly signal: Walk["signal"];
  readonly report: Walk["report"];
  readonly beforeTag: Walk["beforeTag"];
  readonly aloneAtTag: Walk["aloneAtTag"];
  readonly aloneAtDigestTag: Walk["aloneAtDigestTag"];
  readonly willName: Walk["willName"];
  readonly isBehind: Walk["isBehind"];
  readonly bringsReferrers: boolean;
  readonly doubtsIndexes: boolean;
  kept: Walk["kept"];
  readonly #beginning: Beginning;

  constructor(request: TransferRequest, context: TransferContext, beginning: Beginning) {
    const { source, target, platforms, partsBefore, referrers } = request;
    this.source = source;
    this.target = target;
    this.placements = keepsWholes(target) ? chartPlacements(context.placements) : context.placements;
    this.memory = targetMemory(this.placements);
    this.throttle = context.throttle ?? UNTHROTTLED;
    this.signal = context.signal;
    this.report = context.onProgress;
    this.beforeTag = context.beforeTag;
    this.aloneAtTag = context.aloneAtTag;
    this.aloneAtDigestTag = context.aloneAtDigestTag;
    this.willName = context.willName;
    this.isBehind = context.isBehind;
    this.bringsReferrers = referrers !== undefined;
    this.doubtsIndexes = partsBefore === true || platforms?.mode === "sparse";
    this.#beginning = beginning;
  }

  get begin(): AbortSignal {
    return this.#beginning.signal;
  }

  fail(error: unknown): void {
    this.#beginning.fail(error);
  }
}

/** Writes a digest tag while no other worker of ours does. */
export function aloneAtDigestTag<T>(walk: Walk, tag: string, write: () => Promise<T>): Promise<T> {
  return walk.aloneAtDigestTag ? walk.aloneAtDigestTag(tag, write) : write();
}

/** Brings what a claim is for, and says at the claim how it ended. */
export async function underClaim<T>(
  claim: Extract<Claim, { kind: "bring" }>,
  bring: () => Promise<T>,
): Promise<T> {
  let result: T;
  try {
    result = await bring();
  } catch (error) {
    await claim.abandoned();
    throw error;
  }
  await claim.placed();
  return result;
}
