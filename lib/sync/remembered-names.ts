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
  /** As they are written, each in one piece: what an answer said of a tag would keep all of that answer. */
  readonly #kept = new Map<string, Map<string, string>>();
  readonly #types = new Map<string, number>();
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
  keep(repository: string, tag: string, named: Descriptor): void {
    const kept = this.#kept.get(repository) ?? new Map<string, string>();
    if (this.#room > 0 && !kept.has(tag)) {
      this.#room -= 1;
      this.#kept.set(repository, kept.set(tag, this.#lineOf(named)));
      this.#changed ||= this.of(repository, tag)?.digest !== named.digest;
    }
  }

  /** What is remembered from now on: what was kept, and of what was before as much as there is room for. */
  text(): string {
    let room = this.#room;
    for (const [repository, tags] of Object.entries(this.#before.repositories)) {
      const kept = this.#kept.get(repository) ?? new Map<string, string>();
      for (const tag of Object.keys(tags ?? {})) {
        const named = room > 0 && !kept.has(tag) && this.of(repository, tag);
        if (named) {
          room -= 1;
          this.#kept.set(repository, kept.set(tag, this.#lineOf(named)));
        }
      }
    }
    const repositories = [...this.#kept].map(([repository, tags]) => {
      const lines = [...tags].map(([tag, line]) => `${JSON.stringify(tag)}:${line}`);
      return `${JSON.stringify(repository)}:{${lines.join()}}`;
    });
    return `{"types":${JSON.stringify([...this.#types.keys()])},"repositories":{${repositories.join()}}}`;
  }

  #lineOf({ digest, size, mediaType }: Descriptor): string {
    const type = this.#types.get(mediaType) ?? this.#types.size;
    this.#types.set(mediaType, type);
    return JSON.stringify([digest, size, type] satisfies Line);
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
