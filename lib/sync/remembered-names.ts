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
  /** A line that was asked for is replaced by what it says: it is asked for by each end, and once more when it is kept. */
  readonly repositories: Readonly<Record<string, Record<string, Line | CheckedLine>>>;
}

class CheckedLine implements Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;

  constructor(mediaType: string, digest: string, size: number) {
    this.mediaType = mediaType;
    this.digest = digest;
    this.size = size;
  }
}

/**
 * What tags of a source named when they were last seen to name the same at the target. It makes questions cheaper, at both ends, and is
 * never believed: what it says is asked about, and a registry that says no is heard. So whoever changes what is kept can slow a run
 * down, and do no more.
 */
export class RememberedNames {
  readonly #before: Written;
  readonly #kept = new Map<string, Lines>();
  readonly #types = new Map<string, number>();
  readonly #likelyNames = new LikelyNames();
  #room = MOST_TAGS;
  #changed = false;

  /** @param text what `pieces` gave; anything else is as if nothing were remembered */
  constructor(text = "") {
    this.#before = parsed(text);
  }

  /** Something was kept that was not so before. */
  get changed(): boolean {
    return this.#changed;
  }

  /** What a tag named. */
  of(repository: string, tag: string): Descriptor | undefined {
    const tags = ownOf(this.#before.repositories, repository);
    const line = ownOf(tags, tag);
    if (line instanceof CheckedLine) {
      return line;
    }
    const named = this.#namedBy(line);
    if (tags && named) {
      tags[tag] = named;
    }
    return named;
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

  /** Both ends have this tag, and there it names this: the last that is heard of it in this run. */
  keep(repository: string, tag: string, named: Descriptor): void {
    // What is as it was stays where it is: most runs find nothing else.
    if (this.#room > 0 && this.of(repository, tag)?.digest !== named.digest) {
      this.#changed = true;
      this.#add(repository, tag, named);
    }
  }

  /** What is remembered from now on, piece by piece: what was kept, and of what was before as much as there is room for. JSON. */
  *pieces(): Generator<Uint8Array> {
    for (const [repository, tags] of Object.entries(this.#before.repositories)) {
      for (const tag of Object.keys(tags ?? {})) {
        const named = this.of(repository, tag);
        if (named && this.#room > 0) {
          this.#add(repository, tag, named);
        }
      }
    }
    yield Buffer.from(`{"types":${JSON.stringify([...this.#types.keys()])},"repositories":{`);
    let between = "";
    for (const [repository, lines] of this.#kept) {
      yield Buffer.from(`${between}${JSON.stringify(repository)}:{`);
      yield* lines.pieces();
      between = "},";
    }
    yield Buffer.from(this.#kept.size > 0 ? "}}}" : "}}");
  }

  #add(repository: string, tag: string, { digest, size, mediaType }: Descriptor): void {
    const type = this.#types.get(mediaType) ?? this.#types.size;
    this.#types.set(mediaType, type);
    const lines = this.#kept.get(repository) ?? new Lines();
    this.#kept.set(repository, lines);
    lines.add(`${JSON.stringify(tag)}:${JSON.stringify([digest, size, type] satisfies Line)}`);
    this.#room -= 1;
    const before = ownOf(this.#before.repositories, repository);
    if (before && ownOf(before, tag)) {
      delete before[tag];
    }
  }

  /** Whoever can write the file need not be us. */
  #namedBy(line: unknown): CheckedLine | undefined {
    const [digest, size, type] = Array.isArray(line) ? (line as unknown[]) : [];
    const mediaType = this.#before.types[Number(type)];
    return typeof digest === "string" &&
      isDigest(digest) &&
      Number.isSafeInteger(size) &&
      typeof mediaType === "string" &&
      isManifest(mediaType)
      ? new CheckedLine(mediaType, digest, Number(size))
      : undefined;
  }
}

/** So many lines become bytes together. */
const PACKED = 64;

/**
 * With commas between them. Most are kept as bytes beside V8's heap, which makes as much room again for what it holds; and what an answer
 * said of a tag would keep all of that answer.
 */
class Lines {
  readonly #packed: Uint8Array[] = [];
  #last: string[] = [];

  add(line: string): void {
    if (this.#last.push(line) === PACKED) {
      this.#pack();
    }
  }

  pieces(): Iterable<Uint8Array> {
    this.#pack();
    return this.#packed;
  }

  #pack(): void {
    if (this.#last.length > 0) {
      const text = (this.#packed.length > 0 ? "," : "") + this.#last.join();
      // Not a part of the 64 KiB in which Node puts what is small side by side: it would keep all of them.
      const packed = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
      packed.write(text);
      this.#packed.push(packed);
      this.#last = [];
    }
  }
}

function ownOf<Value>(record: Readonly<Record<string, Value>> | undefined, key: string): Value | undefined {
  const isRecord = record && typeof record === "object" && !Array.isArray(record);
  return isRecord && Object.hasOwn(record, key) ? record[key] : undefined;
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
