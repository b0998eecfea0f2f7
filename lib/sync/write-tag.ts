import type { Descriptor } from "../registry/descriptor.ts";
import type { Manifest, Repository, ResolveOptions } from "../registry/repository.ts";
import type { Side } from "../schemas/task.ts";
import { pushManifest } from "./copy-graph.ts";
import { step } from "./errors.ts";
import { isFresh } from "./last-look.ts";
import type { TransferOutcome, TransferRequest } from "./transfer.ts";
import { type Verdict, verdictOf } from "./verdict.ts";
import type { Walk } from "./walk.ts";

/** A request for what is to stand at the target. */
export interface AimedRequest extends TransferRequest {
  /** What the tag named at the source when it was scanned; `digest` may be one image of it. */
  pinned: string;
}

/** What both ends said of the tag. */
interface Looked {
  readonly askedAtMs: number;
  readonly named: { readonly digest: string } | null;
  readonly standing: Descriptor | null;
}

/**
 * The last look at both ends and the write of the tag that follows it. The look may begin while the answer to the last byte is awaited,
 * so that a tag at a far target does not wait twice; where that takes longer than a look counts, there is another one.
 */
export class TagWriting {
  readonly #manifest: Manifest;
  readonly #request: AimedRequest;
  readonly #walk: Walk;
  #result: Promise<TransferOutcome> | undefined;
  #abandoned = false;
  /** What the tag names is in place, or never will be. */
  readonly #decision: Promise<void>;
  #decide: () => void = () => undefined;

  constructor(manifest: Manifest, request: AimedRequest, walk: Walk) {
    this.#manifest = manifest;
    this.#request = request;
    this.#walk = walk;
    this.#decision = new Promise((resolve) => {
      this.#decide = resolve;
    });
  }

  /** Looks ahead, and has the tag for itself from here on: nothing may be waited for that could want this tag. Once. */
  begin(): void {
    if (this.#result || this.#abandoned) {
      return;
    }
    const write = () => this.#lookAndWrite();
    this.#result = this.#walk.aloneAtTag ? this.#walk.aloneAtTag(write) : write();
    // Its failure is told when it is wanted.
    this.#result.catch(() => undefined);
  }

  /** What the tag names is in place. @throws {CopyError} */
  async finish(): Promise<TransferOutcome> {
    this.begin();
    this.#decide();
    return (await this.#result) as TransferOutcome;
  }

  /** Nothing is written any more; after `finish` it changes nothing. Never fails. */
  async abandon(): Promise<void> {
    this.#abandoned = true;
    this.#decide();
    await this.#result?.catch(() => undefined);
  }

  async #lookAndWrite(): Promise<TransferOutcome> {
    this.#refuseAbandoned();
    const beganAtMs = performance.now();
    const look = this.#look();
    look.catch(() => undefined);
    await this.#decision;
    this.#refuseAbandoned();
    const looked = isFresh(beganAtMs) ? await look : undefined;
    return this.#write(isFresh(looked?.askedAtMs) && looked ? looked : await this.#look());
  }

  /** Heard by nobody: whoever abandons has a failure to tell. */
  #refuseAbandoned(): void {
    if (this.#abandoned) {
      throw new Error("what the tag names is not in place");
    }
  }

  async #look(): Promise<Looked> {
    const { source, target, tag, pinned, seenAtMs } = this.#request;
    const { aloneAtTag, memory, signal } = this.#walk;
    const askedAtMs = performance.now();
    // Whether it is still that is all that the source is asked.
    const { descriptor } = this.#manifest;
    const known = descriptor.digest === pinned ? descriptor : undefined;
    const seen = seenAtMs !== undefined && isFresh(seenAtMs) ? { digest: pinned, seenAtMs } : undefined;
    const [named, standing] = await Promise.all([
      seen ?? resolveTag(source, "source", tag, { signal, known }),
      // Whoever is alone at a tag is told by the target alone what the one before him wrote.
      aloneAtTag
        ? resolveTag(target, "target", tag, { signal }).then((answer) => ({ answer, askedAtMs }))
        : step({ operation: "resolve-tag", side: "target" }, () =>
            memory.firstLooks.at(target).last(tag, { signal }),
          ),
    ]);
    const oldestMs = Math.min(askedAtMs, standing.askedAtMs, seen?.seenAtMs ?? askedAtMs);
    return { askedAtMs: oldestMs, named, standing: standing.answer };
  }

  async #write({ named, standing }: Looked): Promise<TransferOutcome> {
    const { target, tag, digest, pinned } = this.#request;
    const walk = this.#walk;
    if (named === null) {
      return { status: "skipped", reason: "source-deleted", moved: false };
    }
    const moved = named.digest !== pinned;
    // What is written is what the scan saw; what the source names by now may be the target's own.
    const isBehind = behindWith(moved ? [named.digest, pinned] : [pinned], walk);
    const settled = settledBy(await verdictOf({ ...this.#request, isBehind }, standing), moved);
    if (settled) {
      return settled;
    }
    if (digest !== pinned) {
      await walk.willName?.(digest);
    }
    await pushManifest(this.#manifest, walk, tag);
    if (!walk.aloneAtTag) {
      walk.memory.firstLooks.at(target).wrote(tag);
    }
    return { status: "copied", replacedDigest: standing?.digest, moved };
  }
}

/** The outcome where nothing is to be written. */
export function settledBy(verdict: Verdict, moved: boolean): TransferOutcome | null {
  switch (verdict) {
    case "up-to-date":
      return { status: "up-to-date", moved };
    case "exists":
      return { status: "skipped", reason: "exists", moved };
    case "behind":
      return { status: "skipped", reason: "source-behind", moved };
    case "platform-absent":
      return { status: "skipped", reason: "platform-absent", moved };
    default:
      return null;
  }
}

/** @param digests that the tag names, or named, at the source: one of them behind is enough */
export function behindWith(digests: readonly string[], { isBehind }: Walk) {
  return (
    isBehind &&
    (async (target: string): Promise<boolean> => {
      for (const source of digests) {
        if (await isBehind({ source, target })) {
          return true;
        }
      }
      return false;
    })
  );
}

export function resolveTag(
  repository: Repository,
  side: Side,
  tag: string,
  options: ResolveOptions,
): Promise<Descriptor | null> {
  return step({ operation: "resolve-tag", side }, () => repository.resolve(tag, options));
}
