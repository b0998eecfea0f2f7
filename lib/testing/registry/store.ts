import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseDigest } from "./digest.ts";

/** What the store keeps beside the bytes of a manifest. */
export interface StoredManifest {
  mediaType: string;
  size: number;
  artifactType?: string | undefined;
  annotations?: Record<string, string> | undefined;
  subject?: string | undefined;
}

/**
 * Content on disk:
 * `blobs/<algorithm>/<hex>` holds the bytes of blobs and manifests once; `repositories/<name>/` holds what belongs to a
 * repository in folders that begin with `_`, which no repository name does.
 */
export class Store {
  readonly #root: string;
  readonly #repositories = new Set<string>();
  #sorted: string[] | undefined;
  /** A list of a hundred thousand tags is asked for page by page. `changed`: when its folder was. */
  readonly #tags = new Map<string, { names: readonly string[]; changed: bigint | undefined }>();
  #tagWrites = 0;

  private constructor(root: string) {
    this.#root = root;
  }

  static async open(root: string): Promise<Store> {
    const store = new Store(root);
    await mkdir(join(root, "repositories"), { recursive: true });
    await store.#findRepositories("");
    return store;
  }

  async #findRepositories(name: string): Promise<void> {
    for (const entry of await entriesOf(join(this.#root, "repositories", name))) {
      if (entry === "_manifests") {
        this.#repositories.add(name);
      } else if (!entry.startsWith("_")) {
        await this.#findRepositories(name === "" ? entry : `${name}/${entry}`);
      }
    }
  }

  /** Names of repositories that hold a manifest, in lexical order. */
  repositories(): string[] {
    this.#sorted ??= [...this.#repositories].sort();
    return this.#sorted;
  }

  hasRepository(name: string): boolean {
    return this.#repositories.has(name);
  }

  // ---- bytes ----

  pathOf(digest: string): string {
    const { algorithm, hex } = parseDigest(digest);
    return join(this.#root, "blobs", algorithm, hex.slice(0, 2), hex);
  }

  async putBytes(digest: string, bytes: Uint8Array): Promise<void> {
    await put(this.pathOf(digest), bytes);
  }

  /** Takes a finished file over as content. */
  async adopt(path: string, digest: string): Promise<void> {
    await mkdir(dirname(this.pathOf(digest)), { recursive: true });
    await rename(path, this.pathOf(digest));
  }

  // ---- blobs of a repository ----

  async blobSize(repository: string, digest: string): Promise<number | undefined> {
    const linked = await sizeOf(this.#link(repository, "_blobs", digest));
    return linked === undefined ? undefined : sizeOf(this.pathOf(digest));
  }

  async linkBlob(repository: string, digest: string): Promise<void> {
    await put(this.#link(repository, "_blobs", digest), "");
  }

  /** The bytes stay for other repositories. */
  async unlinkBlob(repository: string, digest: string): Promise<void> {
    await rm(this.#link(repository, "_blobs", digest), { force: true });
  }

  // ---- manifests ----

  async manifest(repository: string, digest: string): Promise<StoredManifest | undefined> {
    const text = await textOf(this.#link(repository, "_manifests", digest));
    return text === undefined ? undefined : (JSON.parse(text) as StoredManifest);
  }

  async putManifest(
    repository: string,
    digest: string,
    bytes: Uint8Array,
    stored: StoredManifest,
  ): Promise<void> {
    await this.putBytes(digest, bytes);
    await put(this.#link(repository, "_manifests", digest), JSON.stringify(stored));
    if (stored.subject !== undefined) {
      await put(join(this.#referrers(repository, stored.subject), digest.replace(":", "-")), "");
    }
    this.#repositories.add(repository);
    this.#sorted = undefined;
  }

  async deleteManifest(repository: string, digest: string): Promise<void> {
    const stored = await this.manifest(repository, digest);
    await rm(this.#link(repository, "_manifests", digest), { force: true });
    if (stored?.subject !== undefined) {
      await rm(join(this.#referrers(repository, stored.subject), digest.replace(":", "-")), { force: true });
    }
    for (const tag of await this.tags(repository)) {
      if ((await this.tagged(repository, tag)) === digest) {
        await this.deleteTag(repository, tag);
      }
    }
  }

  /** Digests of the manifests whose subject this is, whether or not it is here itself. */
  async referrers(repository: string, subject: string): Promise<string[]> {
    const names = await entriesOf(this.#referrers(repository, subject));
    return names.sort().map((name) => name.replace("-", ":"));
  }

  // ---- tags ----

  async tags(repository: string): Promise<readonly string[]> {
    const folder = this.#folder(repository, "_tags");
    const writes = this.#tagWrites;
    const changed = (await absent(stat(folder, { bigint: true })))?.mtimeNs;
    const known = this.#tags.get(repository);
    if (known && known.changed === changed) {
      return known.names;
    }
    const names = (await entriesOf(folder)).filter((name) => !isTemporary(name)).sort();
    if (writes === this.#tagWrites) {
      this.#tags.set(repository, { names, changed });
    }
    return names;
  }

  async tagged(repository: string, tag: string): Promise<string | undefined> {
    return textOf(join(this.#folder(repository, "_tags"), tag));
  }

  async tag(repository: string, tag: string, digest: string): Promise<void> {
    await put(join(this.#folder(repository, "_tags"), tag), digest);
    this.#tagsChanged(repository);
  }

  async deleteTag(repository: string, tag: string): Promise<void> {
    await rm(join(this.#folder(repository, "_tags"), tag), { force: true });
    this.#tagsChanged(repository);
  }

  #tagsChanged(repository: string): void {
    this.#tagWrites += 1;
    this.#tags.delete(repository);
  }

  // ---- uploads ----

  async uploadPath(repository: string, id: string): Promise<string> {
    const folder = this.#folder(repository, "_uploads");
    await mkdir(folder, { recursive: true });
    return join(folder, id);
  }

  #folder(repository: string, kind: string): string {
    return join(this.#root, "repositories", repository, kind);
  }

  #link(repository: string, kind: string, digest: string): string {
    return join(this.#folder(repository, kind), digest.replace(":", "-"));
  }

  #referrers(repository: string, subject: string): string {
    return join(this.#folder(repository, "_referrers"), subject.replace(":", "-"));
  }
}

/** `~` is in no tag and no digest. */
function isTemporary(name: string): boolean {
  return name.startsWith("~");
}

/** Whole or not at all, also when the process is killed in the middle. */
async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `~${randomUUID()}`);
  await writeFile(temporary, content);
  await rename(temporary, path);
}

export async function sizeOf(path: string): Promise<number | undefined> {
  return absent(stat(path).then((found) => found.size));
}

async function textOf(path: string): Promise<string | undefined> {
  return absent(readFile(path, "utf8"));
}

async function entriesOf(path: string): Promise<string[]> {
  return (await absent(readdir(path))) ?? [];
}

/** A file that is not there is an answer, any other failure is one. */
async function absent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) {
      return undefined;
    }
    throw error;
  }
}
