import type { Descriptor } from "../registry/descriptor.ts";
import { isDigest } from "../registry/digest.ts";
import { isManifest } from "../registry/media-types.ts";
import type { Repository, RequestOptions } from "../registry/repository.ts";
import { LikelyNames } from "./likely-names.ts";

/** Of one source and target. Of more tags, those that are copied first are remembered. */
const MOST_TAGS = 50_000;

/** Digest, bytes of the manifest, and the place of its media type among the types. */
type Line = readonly [digest: string, size: number, type: number];
interface Written {
  readonly types: readonly string[];
  readonly repositories: Readonly<Record<string, Readonly<Record<string, Line>>>>;
}

/**
 * What tags of a source named when they were last seen to name the same at the target. It makes questions cheaper, at both ends, and is
 * never believed: what it says is asked about, and a registry that says no is heard. So whoever changes what is kept can slow a run
 * down, and do no more.
 */
export class RememberedNames {
  readonly #before: Written;
  readonly #kept = new Map<string, Map<string, Descriptor>>();
  readonly #likelyNames = new LikelyNames();
  #room = MOST_TAGS;
  #changed = false;

  /** @param text what `text` gave; anything else is as if nothing were remembered */
  constructor(text = "") {
    this.#before = parsed(text);
  }

  /** Something was kept that was not so before. */
  get changed(): boolean {
    return this.#changed;
  }

  /** What a tag named. */
  of(repository: string, tag: string): Descriptor | undefined {
    return this.#descriptorOf(ownOf(ownOf(this.#before.repositories, repository), tag));
  }

  /** Asks the source what a tag names now. @throws what `Repository.resolve` throws */
  ask(
    repository: Pick<Repository, "name" | "resolve">,
    tag: string,
    options: RequestOptions,
  ): Promise<Descriptor | null> {
    const likely = this.of(repository.name, tag);
    return this.#likelyNames.ask(repository, tag, { ...options, likely });
  }

  /** Both ends have this tag, and there it names this. */
  keep(repository: string, tag: string, { mediaType, digest, size }: Descriptor): void {
    const kept = this.#kept.get(repository) ?? new Map<string, Descriptor>();
    this.#room -= kept.has(tag) ? 0 : 1;
    if (this.#room >= 0) {
      this.#kept.set(repository, kept.set(tag, { mediaType, digest, size }));
      this.#changed ||= this.of(repository, tag)?.digest !== digest;
    }
  }

  /** What is remembered from now on: what was kept, and of what was before as much as there is room for. */
  text(): string {
    const types = new Map<string, number>();
    const typeOf = (mediaType: string): number => {
      const type = types.get(mediaType) ?? types.size;
      types.set(mediaType, type);
      return type;
    };
    const repositories = new Map<string, Map<string, Line>>();
    let room = MOST_TAGS;
    for (const [repository, tag, { digest, size, mediaType }] of this.#all()) {
      const tags = repositories.get(repository) ?? new Map<string, Line>();
      if (!tags.has(tag)) {
        repositories.set(repository, tags.set(tag, [digest, size, typeOf(mediaType)]));
        room -= 1;
      }
      if (room === 0) {
        break;
      }
    }
    return JSON.stringify({
      types: [...types.keys()],
      repositories: Object.fromEntries(
        [...repositories].map(([repository, tags]) => [repository, Object.fromEntries(tags)]),
      ),
    });
  }

  *#all(): Generator<[repository: string, tag: string, named: Descriptor]> {
    for (const [repository, tags] of this.#kept) {
      for (const [tag, named] of tags) {
        yield [repository, tag, named];
      }
    }
    for (const [repository, tags] of Object.entries(this.#before.repositories)) {
      for (const tag of Object.keys(tags)) {
        const named = this.of(repository, tag);
        if (named) {
          yield [repository, tag, named];
        }
      }
    }
  }

  /** Whoever can write the file need not be us. */
  #descriptorOf(line: unknown): Descriptor | undefined {
    const [digest, size, type] = Array.isArray(line) ? (line as unknown[]) : [];
    const mediaType = this.#before.types[Number(type)];
    return typeof digest === "string" &&
      isDigest(digest) &&
      Number.isSafeInteger(size) &&
      typeof mediaType === "string" &&
      isManifest(mediaType)
      ? { mediaType, digest, size: Number(size) }
      : undefined;
  }
}

function ownOf<Value>(record: Readonly<Record<string, Value>> | undefined, key: string): Value | undefined {
  return record && typeof record === "object" && Object.hasOwn(record, key) ? record[key] : undefined;
}

function parsed(text: string): Written {
  try {
    const { types, repositories } = JSON.parse(text) as Partial<Written>;
    if (Array.isArray(types) && repositories && typeof repositories === "object") {
      return { types, repositories };
    }
  } catch {}
  return { types: [], repositories: {} };
}
