import { TransportError } from "../registry/errors.ts";
import type { Registry } from "../registry/repository.ts";
import type { PreviewOutcome } from "../schemas/preview.ts";
import { CopyError, step } from "./errors.ts";
import { failureFact } from "./failure.ts";
import { mapLimited } from "./limit.ts";
import { type PlanTarget, planRepository } from "./plan.ts";
import type { ScannedTag } from "./scan.ts";
import type { Selection } from "./selection.ts";
import { verdictOf } from "./verdict.ts";

export interface PreviewTarget extends PlanTarget {
  registry: Pick<Registry, "repository">;
}

export interface TargetsRequest {
  selection: Selection;
  targets: readonly PreviewTarget[];
  override: boolean;
}

type Numbered = PreviewTarget & { index: number };

/** Tags asked for at the targets at once, for each repository. */
const AT_ONCE = 16;

/** What the targets of a rule have, and what becomes of it. */
export class PreviewTargets {
  readonly #request: TargetsRequest;
  readonly #targets: readonly Numbered[];
  readonly #signal: AbortSignal;
  /** By target: why it is not asked any more. */
  readonly #unreachable = new Map<number, CopyError>();

  constructor(request: TargetsRequest, signal: AbortSignal) {
    this.#request = request;
    this.#targets = request.targets.map((target, index) => ({ ...target, index }));
    this.#signal = signal;
  }

  /** By tag, and in the order of the targets. */
  async outcomes(scanned: {
    repository: string;
    tags: readonly ScannedTag[];
  }): Promise<Map<string, PreviewOutcome[]>> {
    const plan = planRepository(scanned, this.#request.selection.namespace, this.#targets);
    const outcomes = new Map<string, PreviewOutcome[]>(scanned.tags.map(({ tag }) => [tag, []]));
    for (const { target, error } of plan.refused) {
      for (const list of outcomes.values()) {
        list.push(unknown(target.index, error.repository, error));
      }
    }
    await mapLimited(plan.transfers, AT_ONCE, async (transfer) => {
      outcomes.get(transfer.tag)?.push(await this.#outcome(transfer, transfer.target));
    });
    for (const list of outcomes.values()) {
      list.sort((one, other) => one.target - other.target);
    }
    return outcomes;
  }

  /** Asks the target what it has under the tag; one that cannot be reached is not asked for every tag again. */
  async #outcome(
    { targetRepository, tag, digest }: { targetRepository: string; tag: string; digest: string },
    { index, registry }: Numbered,
  ): Promise<PreviewOutcome> {
    const given = this.#unreachable.get(index);
    if (given) {
      return unknown(index, targetRepository, given);
    }
    try {
      const standing = await step({ operation: "resolve-tag", side: "target" }, () =>
        registry.repository(targetRepository).resolve(tag, { signal: this.#signal }),
      );
      const verdict = verdictOf({ digest, override: this.#request.override }, standing);
      const about = { target: index, repository: targetRepository, failure: null };
      return { ...about, verdict, standing: standing?.digest ?? null };
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!(error instanceof CopyError)) {
        throw error;
      }
      if (error.cause instanceof TransportError) {
        this.#unreachable.set(index, error);
      }
      return unknown(index, targetRepository, error);
    }
  }
}

function unknown(target: number, repository: string, cause: Error): PreviewOutcome {
  return { target, repository, verdict: "unknown", standing: null, failure: failureFact(cause) };
}
