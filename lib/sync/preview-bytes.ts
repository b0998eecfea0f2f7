import type { Descriptor } from "../registry/descriptor.ts";
import { isForeignLayer, isIndex, isManifest } from "../registry/media-types.ts";
import type { Registry, Repository } from "../registry/repository.ts";
import { MAX_DEPTH, successors } from "../registry/successors.ts";
import { mapLimited } from "./limit.ts";
import { type Kept, keptOf } from "./platforms/narrow.ts";

/** A tag, and where it has to be brought, for the sum of bytes. */
export interface Weighed {
  sourceRepository: string;
  /** Of what is to stand at the targets. */
  digest: string;
  size: number;
  /** Of indexes that are not copied whole. */
  kept?: Kept | undefined;
  /** Place of its row in the list; null where no row shows it. */
  index: number | null;
  /** Where it is missing, lacks something, or will be replaced. `stands`: the manifest itself is there. */
  moves: readonly { target: number; repository: string; stands: boolean }[];
}

export interface BytesOptions {
  source: Pick<Registry, "repository">;
  targets: readonly { registry: Pick<Registry, "repository"> }[];
  signal: AbortSignal;
  /** Manifests read at the source, and questions asked at the targets, at most. */
  manifests: number;
  blobs: number;
  /** An index at a target may lack what it names. */
  doubtsIndexes: boolean;
}

/** A manifest with what it is made of. */
interface Tree {
  digest: string;
  /** Bytes of the manifest itself. */
  size: number;
  isIndex: boolean;
  blobs: readonly Descriptor[];
  children: readonly Tree[];
}

const BLOBS_AT_ONCE = 16;
const CHILDREN_AT_ONCE = 4;

/**
 * Adds up what a copy of these tags would send, by the way of the copy itself: each manifest once a repository, each blob
 * once a target, and nothing that stands there already, for which the target is asked as long as the budget lasts.
 */
export class Bytes {
  readonly #options: BytesOptions;
  readonly #trees = new Map<string, Promise<Tree>>();
  /** By target: blobs that it has or will have by then, anywhere or in one repository, and manifests in one. */
  readonly #placed: Set<string>[];
  #toMove = 0;
  #manifests = 0;
  #asked = 0;
  /** Some of it could not be asked for, or was too much to ask. */
  estimated = false;

  constructor(options: BytesOptions) {
    this.#options = options;
    this.#placed = options.targets.map(() => new Set());
  }

  get toMove(): number {
    return this.#toMove;
  }

  /** What a tag is made of; null when it cannot be read, or is too much to read. */
  async read(tag: Weighed): Promise<Tree | null> {
    const known = this.#trees.get(tag.digest);
    if (!known && this.#manifests >= this.#options.manifests) {
      this.estimated ||= tag.moves.length > 0;
      return null;
    }
    const repository = this.#options.source.repository(tag.sourceRepository);
    const reading = known ?? this.#treeOf(repository, tag, { kept: tag.kept, depth: 0 });
    this.#trees.set(tag.digest, reading);
    try {
      return await reading;
    } catch {
      this.#options.signal.throwIfAborted();
      this.estimated ||= tag.moves.length > 0;
      return null;
    }
  }

  /** Counts a tag that was read, one after the other. @returns all its bytes */
  async count(tag: Weighed, tree: Tree): Promise<number> {
    for (const { target, repository, stands } of tag.moves) {
      const registry = this.#options.targets[target]?.registry;
      const placed = this.#placed[target];
      if (registry && placed) {
        await this.#move(tree, registry.repository(repository), placed, stands ? "stands" : "sent");
      }
    }
    return [...sizesOf(tree).values()].reduce((total, size) => total + size, 0);
  }

  /** @param root what becomes of the manifest itself, where it is a tag's: the target is not asked again */
  async #move(tree: Tree, target: Repository, placed: Set<string>, root?: "sent" | "stands"): Promise<void> {
    const here = `${target.name} ${tree.digest}`;
    if (placed.has(here)) {
      return;
    }
    placed.add(here);
    // A registry that has a manifest has what it names; the tag's own is sent in any case.
    const stands = root
      ? root === "stands"
      : await this.#stands(() => target.resolve(tree.digest, this.#options));
    if (!root && stands && !(tree.isIndex && this.#options.doubtsIndexes)) {
      return;
    }
    await mapLimited(tree.blobs, BLOBS_AT_ONCE, (blob) => this.#moveBlob(blob, target, placed));
    for (const child of tree.children) {
      await this.#move(child, target, placed);
    }
    this.#toMove += stands ? 0 : tree.size;
  }

  async #moveBlob(blob: Descriptor, target: Repository, placed: Set<string>): Promise<void> {
    if (placed.has(blob.digest)) {
      return;
    }
    placed.add(blob.digest);
    if (!(await this.#stands(() => target.hasBlob(blob, this.#options)))) {
      this.#toMove += blob.size;
    }
  }

  async #stands(ask: () => Promise<unknown>): Promise<boolean> {
    const { signal, blobs } = this.#options;
    if (this.#asked >= blobs) {
      this.estimated = true;
      return false;
    }
    this.#asked += 1;
    try {
      return Boolean(await ask());
    } catch {
      signal.throwIfAborted();
      this.estimated = true;
      return false;
    }
  }

  async #treeOf(
    repository: Repository,
    node: { digest: string; size: number },
    at: { kept: Kept | undefined; depth: number },
  ): Promise<Tree> {
    const { signal, manifests } = this.#options;
    const { kept, depth } = at;
    if (this.#manifests >= manifests) {
      throw new RangeError("more manifests than are read for a preview");
    }
    this.#manifests += 1;
    const manifest = await repository.fetchManifest(node.digest, { signal });
    const parts = keptOf(successors(manifest), node.digest, kept);
    const nested = depth < MAX_DEPTH ? parts.filter(({ mediaType }) => isManifest(mediaType)) : [];
    const plain = parts.filter(({ mediaType }) => !isManifest(mediaType));
    // Of a layer that is only referred to, nobody but its `urls` may have the bytes (T29).
    const held = await mapLimited(plain, CHILDREN_AT_ONCE, (blob) =>
      isForeignLayer(blob.mediaType) ? repository.hasBlob(blob, { signal }) : Promise.resolve(true),
    );
    return {
      digest: node.digest,
      size: node.size,
      isIndex: isIndex(manifest.descriptor.mediaType),
      blobs: plain.filter((_, index) => held[index]),
      children: await mapLimited(nested, CHILDREN_AT_ONCE, (child) =>
        this.#treeOf(repository, child, { kept, depth: depth + 1 }),
      ),
    };
  }
}

function sizesOf(tree: Tree, sizes = new Map<string, number>()): Map<string, number> {
  sizes.set(tree.digest, tree.size);
  for (const { digest, size } of tree.blobs) {
    sizes.set(digest, size);
  }
  for (const child of tree.children) {
    sizesOf(child, sizes);
  }
  return sizes;
}
