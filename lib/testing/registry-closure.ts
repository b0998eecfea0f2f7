import { createHash } from "node:crypto";

const INDEX = "application/vnd.oci.image.index.v1+json";
const ACCEPT = [
  INDEX,
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");
/** The lists that clients keep where a registry keeps none: what they say is compared, not how it is kept. */
const LIST_TAG = /^sha(?:256|512)-[0-9a-f]{64}$/;
const READ_TIMEOUT_MS = 60_000;

interface Named {
  digest: string;
  mediaType?: string;
  size?: number;
  artifactType?: string;
  annotations?: Record<string, string>;
  urls?: string[];
}
interface Body {
  config?: Named;
  layers?: Named[];
  manifests?: Named[];
  subject?: Named;
}

/**
 * All that a client can find in a repository, beginning at its tags: a line for each tag, manifest, blob and referrer, sorted.
 * Two repositories with the same lines are told apart by no client. Shares nothing with the client of the product.
 * @throws for bytes that are not what their name says
 */
export async function closureOf(origin: string, repository: string): Promise<string[]> {
  const reader = new ClosureReader(`${origin}/v2/${repository}`);
  for (const tag of await reader.tags()) {
    await reader.tag(tag);
  }
  return [...reader.lines].sort();
}

class ClosureReader {
  readonly #base: string;
  readonly lines = new Set<string>();
  readonly #seen = new Set<string>();

  constructor(base: string) {
    this.#base = base;
  }

  async tags(): Promise<string[]> {
    const names: string[] = [];
    await this.#pages("/tags/list", async (answer) => {
      names.push(...(((await answer.json()) as { tags: string[] | null }).tags ?? []));
    });
    return names.filter((name) => !LIST_TAG.test(name));
  }

  async tag(name: string): Promise<void> {
    const { bytes } = await this.#read(`/manifests/${name}`);
    const digest = digestOf(bytes, "sha256");
    this.lines.add(`tag ${name} ${digest}`);
    await this.#manifest(digest);
  }

  async #manifest(digest: string): Promise<void> {
    if (this.#seen.has(digest)) {
      return;
    }
    this.#seen.add(digest);
    const { bytes, type } = await this.#read(`/manifests/${digest}`);
    this.#compare(digest, bytes);
    this.lines.add(`manifest ${digest} ${type}`);
    const { config, layers = [], manifests = [], subject } = JSON.parse(bytes.toString("utf8")) as Body;
    for (const blob of config ? [config, ...layers] : layers) {
      await this.#blob(blob);
    }
    for (const child of manifests) {
      await this.#manifest(child.digest);
    }
    if (subject) {
      const told = (await this.#referrers(subject.digest)).some((each) => each.digest === digest);
      this.lines.add(`listed ${digest} ${told}`);
    }
    for (const referrer of await this.#referrers(digest)) {
      this.lines.add(`referrer of ${digest} ${textOf(referrer)}`);
      await this.#manifest(referrer.digest);
    }
  }

  async #blob({ digest, urls }: Named): Promise<void> {
    const known = `blob ${digest}`;
    if (this.lines.has(known)) {
      return;
    }
    const { bytes, status } = await this.#read(`/blobs/${digest}`, urls ? [200, 404] : [200]);
    if (status === 404) {
      this.lines.add(`${known} is elsewhere`);
      return;
    }
    this.#compare(digest, bytes);
    this.lines.add(known);
  }

  /** By the API, else by the tag schema. */
  async #referrers(subject: string): Promise<Named[]> {
    const found: Named[] = [];
    const add = async (answer: Response) => {
      found.push(...(((await answer.json()) as Body).manifests ?? []));
    };
    if (await this.#pages(`/referrers/${subject}`, add)) {
      return found;
    }
    const [algorithm = "", hex = ""] = subject.split(":");
    const { bytes, status } = await this.#read(`/manifests/${algorithm}-${hex.slice(0, 64)}`, [200, 404]);
    return status === 404 ? [] : ((JSON.parse(bytes.toString("utf8")) as Body).manifests ?? []);
  }

  /** @returns false where there is no such list */
  async #pages(path: string, take: (answer: Response) => Promise<void>): Promise<boolean> {
    for (let url: string | undefined = this.#base + path; url; ) {
      const answer: Response = await fetch(url, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) });
      if (answer.status === 404) {
        return false;
      }
      const next = /<([^>]+)>;\s*rel="?next/.exec(answer.headers.get("link") ?? "")?.[1];
      await take(answer);
      url = next && new URL(next, url).href;
    }
    return true;
  }

  async #read(
    path: string,
    expected = [200],
  ): Promise<{ bytes: Buffer; status: number; type: string | null }> {
    const url = this.#base + path;
    const answer = await fetch(url, {
      headers: { accept: ACCEPT },
      signal: AbortSignal.timeout(READ_TIMEOUT_MS),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (!expected.includes(answer.status)) {
      throw new Error(`GET ${url} was answered with ${answer.status}: ${bytes.toString().slice(0, 300)}`);
    }
    return { bytes, status: answer.status, type: answer.headers.get("content-type") };
  }

  #compare(digest: string, bytes: Buffer): void {
    const came = digestOf(bytes, digest.split(":")[0] ?? "");
    if (came !== digest) {
      throw new Error(`${this.#base}: ${digest} came as ${came}`);
    }
  }
}

function digestOf(bytes: Buffer, algorithm: string): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}

function textOf({ digest, mediaType, size, artifactType, annotations = {} }: Named): string {
  const sorted = Object.entries(annotations).sort(([one], [other]) => (one < other ? -1 : 1));
  return [digest, mediaType, size, artifactType ?? "-", JSON.stringify(sorted)].join(" ");
}
