import { setImmediate as nextTurn } from "node:timers/promises";
import { TransportError } from "../registry/errors.ts";
import type { Registry, Repository } from "../registry/repository.ts";
import type { PreviewEvent } from "../schemas/preview.ts";
import type { BothStores } from "./both-stores.ts";
import { Channel, mapAhead } from "./channel.ts";
import { asCopyError, CopyError } from "./errors.ts";
import { failureFact } from "./failure.ts";
import { Bytes } from "./preview-bytes.ts";
import { type FoundTag, PreviewCount, type Slice } from "./preview-count.ts";
import { PREVIEW_LIMITS, type PreviewLimits } from "./preview-limits.ts";
import { PreviewTargets, type TargetsRequest } from "./preview-targets.ts";
import { scanTags } from "./scan.ts";
import { namePages, selectsRepository } from "./selected-names.ts";
import { selectTags } from "./selected-tags.ts";

export interface PreviewRequest extends TargetsRequest {
  source: Pick<Registry, "repository" | "repositories"> & Partial<BothStores>;
}

/** Repositories whose tags are listed ahead. */
const REPOSITORIES_AHEAD = 4;
/** Tags resolved together; with the slices ahead of it as much as a registry's limiter lets through. */
const SLICE = 16;
const SLICES_AHEAD = 4;
const WEIGHED_AT_ONCE = 4;
/** Names that are remembered come without a wait: so long they are matched before anything else of the process has its turn. */
const TURN_MS = 8;
/** Events that wait for a reader who is slow. */
const ROOM = 32;

/**
 * What a rule would do now, by the code that does it: the names, tags and types of the scan, the destinations of the plan,
 * the verdict of the copy. Nothing is written anywhere. Rows come repository by repository while names are still being
 * listed, sizes after them, totals in between; the last event is `end`.
 *
 * Ends with its signal: every request under way is aborted with it. Never throws for what a registry answers.
 */
export async function* previewRule(
  request: PreviewRequest,
  { signal, limits = PREVIEW_LIMITS }: { signal: AbortSignal; limits?: PreviewLimits },
): AsyncGenerator<PreviewEvent> {
  const startedAt = performance.now();
  const given = new AbortController();
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  const run = new PreviewRun(request, limits, AbortSignal.any([signal, given.signal, timeout]));
  const channel = new Channel<PreviewEvent>(ROOM);
  const working = run.work(channel).then(
    () => channel.close(),
    (error: unknown) => channel.close(timeout.aborted && !signal.aborted ? {} : { error }),
  );
  try {
    yield* channel;
    signal.throwIfAborted();
    yield { kind: "totals", totals: run.count.totals() };
    const limit = timeout.aborted ? "time" : run.count.limited ? "size" : null;
    yield { kind: "end", limit, elapsedMs: Math.round(performance.now() - startedAt) };
  } finally {
    given.abort();
    await working;
  }
}

class PreviewRun {
  readonly count: PreviewCount;
  readonly #request: PreviewRequest;
  readonly #limits: PreviewLimits;
  readonly #signal: AbortSignal;
  readonly #bytes: Bytes;
  readonly #targets: PreviewTargets;

  constructor(request: PreviewRequest, limits: PreviewLimits, signal: AbortSignal) {
    this.#request = request;
    this.#limits = limits;
    this.#signal = signal;
    this.#targets = new PreviewTargets(request, signal);
    const doubtsIndexes = request.partsBefore === true || request.platforms?.mode === "sparse";
    this.#bytes = new Bytes({ ...request, ...limits, signal, doubtsIndexes });
    this.count = new PreviewCount(request.selection, limits.rows, this.#bytes);
  }

  async work(events: Channel<PreviewEvent>): Promise<void> {
    const weighing = new Channel<FoundTag>(this.#limits.tags);
    const weighed = this.#weigh(weighing, events);
    // It is awaited below; until then its failure is nobody's unhandled rejection.
    weighed.catch(() => {});
    try {
      await this.#find(weighing, events);
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!(error instanceof CopyError)) {
        throw error;
      }
      this.count.broken();
      await events.push({ kind: "failed", failure: failureFact(error) });
    } finally {
      weighing.close();
    }
    await events.push({ kind: "totals", totals: this.count.totals() });
    await weighed;
    this.count.weighed();
  }

  async #find(weighing: Channel<FoundTag>, events: Channel<PreviewEvent>): Promise<void> {
    const slices = this.#slices(this.#matching(events));
    for await (const slice of mapAhead(slices, SLICES_AHEAD, (begin) => begin())) {
      const { event, found } = this.count.add(slice);
      if (event) {
        await events.push(event);
      }
      for (const tag of found) {
        await weighing.push(tag);
      }
      await this.#tellTotals(events);
    }
    const { source } = this.#request;
    const failure = source.chartsFailure?.();
    if (failure !== undefined) {
      throw asCopyError({ operation: "list-repositories", side: "source" }, failure);
    }
    this.count.tagsComplete();
  }

  /** Names that match, as they become known. After the last repository that is read, names are only counted. */
  async *#matching(events: Channel<PreviewEvent>): AsyncGenerator<string> {
    const { source, selection } = this.#request;
    const matched = new Channel<string>(Number.POSITIVE_INFINITY);
    const list = async (): Promise<void> => {
      let turnedAt = performance.now();
      for await (const page of namePages(source, selection, this.#signal)) {
        for (const name of page) {
          if (this.count.isNew(name, selectsRepository(selection, name))) {
            await matched.push(name);
          }
        }
        await this.#tellTotals(events);
        if (performance.now() - turnedAt > TURN_MS) {
          await nextTurn();
          this.#signal.throwIfAborted();
          turnedAt = performance.now();
        }
      }
      this.count.namesComplete();
    };
    const listing = list();
    listing.then(
      () => matched.close(),
      (error: unknown) => matched.close({ error }),
    );
    let read = 0;
    for await (const name of matched) {
      if (read >= this.#limits.repositories || this.count.checked >= this.#limits.tags) {
        this.count.limited = true;
        break;
      }
      read += 1;
      yield name;
    }
    await listing;
  }

  /** Slices of matching tags, repository by repository: each one is begun by calling it. */
  async *#slices(names: AsyncIterable<string>): AsyncGenerator<() => Promise<Slice>> {
    const { source, selection } = this.#request;
    const selecting = mapAhead(names, REPOSITORIES_AHEAD, async (name) => {
      const repository = source.repository(name);
      try {
        return { repository, ...(await selectTags(repository, selection, this.#signal)) };
      } catch (error) {
        return { repository, wanted: [], error: this.#readable(error) };
      }
    });
    for await (const { repository, wanted, error } of selecting) {
      if (error) {
        yield async () => ({ repository: repository.name, tags: [], error });
      }
      for (let start = 0; start < wanted.length; start += SLICE) {
        if (this.count.checked >= this.#limits.tags) {
          this.count.uncheck(wanted.length - start);
          break;
        }
        const slice = wanted.slice(start, start + SLICE);
        this.count.checked += slice.length;
        yield () => this.#check(repository, slice);
      }
    }
  }

  async #check(repository: Repository, wanted: string[]): Promise<Slice> {
    const { selection } = this.#request;
    const listed = { listed: wanted.length, wanted, digestTags: null };
    const [scanned, failed] = await scanTags(repository, listed, selection, this.#signal);
    const error = failed?.error && this.#readable(failed.error);
    if (!scanned || scanned.error) {
      return { repository: repository.name, tags: [], error };
    }
    const { source } = this.#request;
    const tags = scanned.tags.map((tag) => ({ ...tag, store: source.storeOf?.(tag.digest) }));
    const outcomes = await this.#targets.outcomes({ ...scanned, tags }, repository);
    return {
      repository: repository.name,
      error,
      tags: scanned.tags.map((tag) => {
        const { aim, list } = outcomes.get(tag.tag) ?? { aim: null, list: [] };
        const { digest = tag.digest, size = tag.size, kept } = aim ?? {};
        return { tag: tag.tag, digest, size, kept, outcomes: list };
      }),
    };
  }

  async #weigh(found: Channel<FoundTag>, events: Channel<PreviewEvent>): Promise<void> {
    const weighing = mapAhead(found, WEIGHED_AT_ONCE, async (tag) => ({
      tag,
      tree: await this.#bytes.read(tag),
    }));
    for await (const { tag, tree } of weighing) {
      const bytes = tree ? await this.#bytes.count(tag, tree) : null;
      if (tag.index !== null && bytes !== null) {
        await events.push({ kind: "sizes", sizes: [[tag.index, bytes]] });
      }
      await this.#tellTotals(events);
    }
  }

  async #tellTotals(events: Channel<PreviewEvent>): Promise<void> {
    if (this.count.isDue()) {
      await events.push({ kind: "totals", totals: this.count.totals() });
    }
  }

  /** An error of one repository. A source that gives no answer has none for the next one either: that ends it. */
  #readable(error: unknown): CopyError {
    this.#signal.throwIfAborted();
    if (!(error instanceof CopyError) || error.cause instanceof TransportError) {
      throw error;
    }
    return error;
  }
}
