import { createHash, type Hash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { type Digest, digestOfFile, finish, isDigest, parseDigest } from "./digest.ts";
import type { Exchange } from "./exchange.ts";
import { RegistryFault, send } from "./fault.ts";
import { sizeOf } from "./store.ts";

/** A running hash of an upload, so that a finished one need not be read again; lost at a restart, then it is. */
interface Running {
  hash: Hash;
  bytes: number;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Upload sessions. OCI distribution-spec v1.1.1, "Pushing Blobs". The bytes are on disk and survive a restart. */
export class Uploads {
  readonly #running = new Map<string, Running>();
  readonly #busy = new Set<string>();

  /** POST: mount, a whole blob in one request, or a new session. end-4a, end-4b, end-11. */
  async open(exchange: Exchange, repository: string): Promise<void> {
    const { url, store, response, options } = exchange;
    const mount = url.searchParams.get("mount");
    const from = url.searchParams.get("from");
    if (mount !== null && from !== null && options.mount && isDigest(mount) && exchange.mayPull(from)) {
      if ((await store.blobSize(from, mount)) !== undefined) {
        await store.linkBlob(repository, mount);
        send(response, 201, created(repository, mount));
        return;
      }
    }
    const id = randomUUID();
    await writeFile(await store.uploadPath(repository, id), "");
    this.#running.set(id, { hash: createHash("sha256"), bytes: 0 });
    if (url.searchParams.has("digest")) {
      await this.#alone(id, () => this.#finish(exchange, repository, id));
      return;
    }
    send(response, 202, session(repository, id, 0));
  }

  /** PATCH, PUT, GET and DELETE of a session. end-5, end-6, end-13. */
  async answer(exchange: Exchange, repository: string, id: string): Promise<void> {
    const { method, store, response } = exchange;
    const size = UUID.test(id) ? await sizeOf(await store.uploadPath(repository, id)) : undefined;
    if (size === undefined) {
      throw new RegistryFault(404, "BLOB_UPLOAD_UNKNOWN", `no upload ${id} in ${repository}`);
    }
    switch (method) {
      case "PATCH":
        return this.#alone(id, async () => {
          const total = await this.#append(exchange, repository, id);
          send(response, 202, session(repository, id, total));
        });
      case "PUT":
        return this.#alone(id, () => this.#finish(exchange, repository, id));
      case "GET":
        return send(response, 204, session(repository, id, size));
      case "DELETE":
        return this.#alone(id, async () => {
          await this.#drop(exchange, repository, id);
          send(response, 204, {});
        });
      default:
        throw new RegistryFault(405, "UNSUPPORTED", `no ${method} of an upload`);
    }
  }

  async #alone(id: string, work: () => Promise<void>): Promise<void> {
    if (this.#busy.has(id)) {
      throw new RegistryFault(409, "BLOB_UPLOAD_INVALID", "another request writes to this upload");
    }
    this.#busy.add(id);
    try {
      await work();
    } finally {
      this.#busy.delete(id);
    }
  }

  /** Writes the request's body behind what is there. @returns bytes in all. @throws {RegistryFault} 416 for a gap */
  async #append(exchange: Exchange, repository: string, id: string): Promise<number> {
    const { request, store } = exchange;
    const path = await store.uploadPath(repository, id);
    const before = (await sizeOf(path)) ?? 0;
    this.#checkRange(exchange, repository, id, before);
    let running = this.#running.get(id);
    if (running?.bytes !== before) {
      running = undefined;
      this.#running.delete(id);
    }
    await pipeline(
      request,
      async function* (body: AsyncIterable<Buffer>) {
        for await (const chunk of body) {
          running?.hash.update(chunk);
          if (running !== undefined) {
            running.bytes += chunk.length;
          }
          yield chunk;
        }
      },
      createWriteStream(path, { flags: "a" }),
    );
    return (await sizeOf(path)) ?? 0;
  }

  #checkRange(exchange: Exchange, repository: string, id: string, before: number): void {
    const { headers } = exchange.request;
    const [, first, last] = /^(\d+)-(\d+)$/.exec(headers["content-range"] ?? "") ?? [];
    if (first === undefined || last === undefined) {
      return;
    }
    if (Number(first) !== before) {
      throw new RegistryFault(
        416,
        "RANGE_INVALID",
        `the next byte is ${before}`,
        session(repository, id, before),
      );
    }
    const length = headers["content-length"];
    if (length !== undefined && Number(length) !== Number(last) - Number(first) + 1) {
      throw new RegistryFault(400, "SIZE_INVALID", "Content-Range and Content-Length disagree");
    }
  }

  /** The last bytes, if any, and the name they must have. */
  async #finish(exchange: Exchange, repository: string, id: string): Promise<void> {
    const { url, store, response } = exchange;
    const digest = url.searchParams.get("digest");
    if (digest === null) {
      throw new RegistryFault(400, "DIGEST_INVALID", "the digest is missing");
    }
    const { algorithm } = parseDigest(digest);
    const total = await this.#append(exchange, repository, id);
    const path = await store.uploadPath(repository, id);
    if ((await this.#digest(id, path, total, algorithm)) !== digest) {
      await this.#drop(exchange, repository, id);
      throw new RegistryFault(400, "DIGEST_INVALID", `the bytes are not ${digest}`);
    }
    await store.adopt(path, digest);
    this.#running.delete(id);
    await store.linkBlob(repository, digest);
    send(response, 201, created(repository, digest));
  }

  async #digest(id: string, path: string, total: number, algorithm: Digest["algorithm"]): Promise<string> {
    const running = this.#running.get(id);
    return algorithm === "sha256" && running?.bytes === total
      ? finish(running.hash, "sha256")
      : digestOfFile(path, algorithm);
  }

  async #drop(exchange: Exchange, repository: string, id: string): Promise<void> {
    this.#running.delete(id);
    await rm(await exchange.store.uploadPath(repository, id), { force: true });
  }
}

function created(repository: string, digest: string): Record<string, string> {
  return { Location: `/v2/${repository}/blobs/${digest}`, "Docker-Content-Digest": digest };
}

/** Range ends are inclusive, so an empty session says 0-0 as every registry does. */
function session(repository: string, id: string, bytes: number): Record<string, string> {
  return {
    Location: `/v2/${repository}/blobs/uploads/${id}`,
    Range: `0-${Math.max(0, bytes - 1)}`,
    "Docker-Upload-UUID": id,
  };
}
