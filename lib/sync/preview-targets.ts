import { TransportError } from "../registry/errors.ts";
import type { Registry, Repository } from "../registry/repository.ts";
import type { PreviewOutcome } from "../schemas/preview.ts";
import { CopyError, step } from "./errors.ts";
import { failureFact } from "./failure.ts";
import { mapLimited } from "./limit.ts";
import { type PlannedTransfer, type PlanTarget, planRepository } from "./plan.ts";
import { type Aim, aimOf, type PartsRequest } from "./platforms/aim.ts";
import type { ContentReader } from "./platforms/narrow.ts";
import { lacksSome } from "./platforms/parts-at-target.ts";
import { contentReader } from "./platforms/read-content.ts";
import type { ScannedTag } from "./scanned.ts";
import type { Selection } from "./selection.ts";
import type { EndDigests } from "./transfer.ts";
import { verdictAt } from "./verdict.ts";

export interface PreviewTarget extends PlanTarget {
  registry: Pick<Registry, "repository">;
  /** Where it keeps charts apart. */
  charts?: Pick<Registry, "repository"> | undefined;
}

export interface TargetsRequest extends PartsRequest {
  selection: Selection;
  targets: readonly PreviewTarget[];
  override: boolean;
  /** As the copy asks it (`TransferContext.isBehind`), of one tag. Left out: nobody knows of earlier copies. */
  isBehind?: ((place: PreviewPlace, ends: EndDigests) => Promise<boolean>) | undefined;
}

/** A tag on its way to one target. */
export interface PreviewPlace {
  /** Which of the targets, counted from 0. */
  target: number;
  sourceRepository: string;
  targetRepository: string;
  tag: string;
}

type Numbered = PreviewTarget & { index: number };

/** Tags asked for at the targets at once, for each repository. */
const AT_ONCE = 16;

/** What a tag comes to, over all targets. */
export interface Outcomes {
  /** What is to stand there; null where no target told. */
  aim: Aim | null;
  /** In the order of the targets. */
  list: PreviewOutcome[];
}

/** What the targets of a rule have, and what becomes of it. */
export class PreviewTargets {
  readonly #request: TargetsRequest;
  readonly #targets: readonly Numbered[];
  readonly #signal: AbortSignal;
  /** Manifests that stand below doubted indexes, by target. */
  readonly #found: readonly Set<string>[];
  /** By target: why it is not asked any more. */
  readonly #unreachable = new Map<number, CopyError>();

  constructor(request: TargetsRequest, signal: AbortSignal) {
    this.#request = request;
    this.#targets = request.targets.map((target, index) => ({ ...target, index }));
    this.#found = request.targets.map(() => new Set());
    this.#signal = signal;
  }

  /** By tag. @param source the repository that was scanned */
  async outcomes(
    scanned: { repository: string; tags: readonly ScannedTag[] },
    source: Repository,
  ): Promise<Map<string, Outcomes>> {
    const reader = contentReader(source, { signal: this.#signal }, (digest) =>
      step({ operation: "fetch-manifest", side: "source", digest }, () =>
        source.fetchManifest(digest, { signal: this.#signal }),
      ),
    );
    const plan = planRepository(scanned, this.#request.selection.namespace, this.#targets);
    const outcomes = new Map<string, Outcomes>(scanned.tags.map(({ tag }) => [tag, { aim: null, list: [] }]));
    for (const { target, error } of plan.refused) {
      for (const { list } of outcomes.values()) {
        list.push(unknown(target.index, error.repository, error));
      }
    }
    await mapLimited(plan.transfers, AT_ONCE, async (transfer) => {
      const { aim, outcome } = await this.#outcome(transfer, transfer.target, reader);
      const found = outcomes.get(transfer.tag);
      if (found) {
        found.aim ??= aim;
        found.list.push(outcome);
      }
    });
    for (const { list } of outcomes.values()) {
      list.sort((one, other) => one.target - other.target);
    }
    return outcomes;
  }

  /** Asks the target what it has under the tag; one that cannot be reached is not asked for every tag again. */
  async #outcome(
    { sourceRepository, targetRepository, tag, digest, mediaType, store }: PlannedTransfer,
    { index, registry, charts }: Numbered,
    reader: ContentReader,
  ): Promise<{ aim: Aim | null; outcome: PreviewOutcome }> {
    const { override, platforms, partsBefore, isBehind: asked } = this.#request;
    const signal = this.#signal;
    const given = this.#unreachable.get(index);
    if (given) {
      return { aim: null, outcome: unknown(index, targetRepository, given) };
    }
    try {
      const target = ((store && charts) || registry).repository(targetRepository);
      const standing = await step({ operation: "resolve-tag", side: "target" }, () =>
        target.resolve(tag, { signal }),
      );
      const aim = await aimOf({ digest, mediaType, platforms, partsBefore }, standing, reader);
      const place = { target: index, sourceRepository, targetRepository, tag };
      const isBehind = asked && ((there: string) => asked(place, { source: digest, target: there }));
      const verdict = await verdictAt(aim, { override, standing, isBehind }, (manifests) =>
        lacksSome(manifests, target, { found: this.#found[index] ?? new Set(), signal }),
      );
      const about = { target: index, repository: targetRepository, failure: null };
      return { aim, outcome: { ...about, verdict, standing: standing?.digest ?? null } };
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!(error instanceof CopyError)) {
        throw error;
      }
      if (error.cause instanceof TransportError && error.side === "target") {
        this.#unreachable.set(index, error);
      }
      return { aim: null, outcome: unknown(index, targetRepository, error) };
    }
  }
}

function unknown(target: number, repository: string, cause: Error): PreviewOutcome {
  return { target, repository, verdict: "unknown", standing: null, failure: failureFact(cause) };
}
