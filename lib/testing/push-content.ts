import { type IncomingHttpHeaders, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Artifact, Piece } from "./content.ts";

export interface PushOptions {
  account?: { username: string; password: string };
  /** PEM. */
  ca?: string;
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/**
 * Pushes an artifact and all that it names, for tests and the demo only: content of our own making into registries of our
 * own. Knows Basic auth and nothing of tokens or retries. Returns the digest of the manifest.
 */
export async function pushContent(
  origin: string,
  repository: string,
  tag: string,
  artifact: Artifact,
  options: PushOptions = {},
): Promise<string> {
  const pusher = new Pusher(origin, repository, options);
  await pusher.push(artifact, tag);
  return artifact.manifest.digest;
}

class Pusher {
  readonly #origin: string;
  readonly #repository: string;
  readonly #options: PushOptions;

  constructor(origin: string, repository: string, options: PushOptions) {
    this.#origin = origin;
    this.#repository = repository;
    this.#options = options;
  }

  /** Children first; without a tag by digest. */
  async push(artifact: Artifact, tag?: string): Promise<void> {
    for (const child of artifact.children) {
      await this.push(child);
    }
    for (const blob of artifact.blobs) {
      await this.#pushBlob(blob);
    }
    const { digest, mediaType, bytes } = artifact.manifest;
    const path = `${this.#origin}/v2/${this.#repository}/manifests/${tag ?? digest}`;
    await this.#send("PUT", path, { bytes, contentType: mediaType, expected: [201] });
  }

  async #pushBlob({ digest, bytes }: Piece): Promise<void> {
    const base = `${this.#origin}/v2/${this.#repository}/blobs`;
    const found = await this.#send("HEAD", `${base}/${digest}`, { expected: [200, 404] });
    if (found.status === 200) {
      return;
    }
    const opened = await this.#send("POST", `${base}/uploads/`, { expected: [202] });
    const location = new URL(opened.headers.location ?? "", this.#origin);
    location.searchParams.set("digest", digest);
    const contentType = "application/octet-stream";
    await this.#send("PUT", location.href, { bytes, contentType, expected: [201] });
  }

  #send(
    method: string,
    url: string,
    { bytes, contentType, expected }: { bytes?: Buffer; contentType?: string; expected: number[] },
  ): Promise<Answer> {
    const { account, ca } = this.#options;
    const headers: Record<string, string | number> = { "Content-Length": bytes?.length ?? 0 };
    if (contentType !== undefined) {
      headers["Content-Type"] = contentType;
    }
    if (account !== undefined) {
      const pair = Buffer.from(`${account.username}:${account.password}`).toString("base64");
      headers.Authorization = `Basic ${pair}`;
    }
    return new Promise((resolve, reject) => {
      const open = url.startsWith("https:") ? requestHttps : requestHttp;
      const request = open(url, { method, headers, ca, timeout: 30_000 }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => {
          body += text;
        });
        response.once("end", () => {
          const status = response.statusCode ?? 0;
          if (expected.includes(status)) {
            resolve({ status, headers: response.headers, body });
          } else {
            reject(new Error(`${method} ${url} was answered with ${status}: ${body}`));
          }
        });
      });
      request.once("timeout", () => request.destroy(new Error(`${method} ${url} was not answered in 30 s`)));
      request.once("error", reject);
      request.end(bytes);
    });
  }
}
