import { createHash, type Hash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Piece, piece } from "./content.ts";
import { type LoopbackServer, serve } from "./loopback-server.ts";
import { send } from "./registry/fault.ts";

export interface DiscardingRegistry extends LoopbackServer {
  /** Bytes received in uploads, over all requests. */
  receivedBytes(): number;
  /** Digests of blobs that arrived whole and as named. */
  blobs(): string[];
  /** Digest of the manifest that `<repository>:<tag>` names. */
  tagged(repository: string, tag: string): string | undefined;
}

interface Session {
  hash: Hash;
  bytes: number;
}

interface State {
  sessions: Map<string, Session>;
  blobs: Map<string, number>;
  /** By path. */
  manifests: Map<string, Piece>;
  bytes: number;
}

const ROUTE = /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs)\/([^/]*)$/;

/** Takes uploads, hashes what comes and keeps none of it; HEAD of a blob tells the truth, GET has nothing to give. */
export async function startDiscardingRegistry(): Promise<DiscardingRegistry> {
  const state: State = { sessions: new Map(), blobs: new Map(), manifests: new Map(), bytes: 0 };
  const server = await serve((request, response) => answer(state, request, response));
  return {
    ...server,
    receivedBytes: () => state.bytes,
    blobs: () => [...state.blobs.keys()],
    tagged: (repository, tag) => state.manifests.get(`${repository}/${tag}`)?.digest,
  };
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://registry");
  if (url.pathname === "/v2/") {
    send(response, 200, {}, "{}");
    return;
  }
  const [, repository = "", kind, reference = ""] = ROUTE.exec(url.pathname) ?? [];
  if (kind === "manifests") {
    await answerManifest(state, request, response, { repository, reference });
  } else if (kind === "blobs/uploads") {
    await answerUpload(state, request, response, { repository, id: reference });
  } else if (kind === "blobs" && state.blobs.has(reference)) {
    response.writeHead(200, { "Content-Length": state.blobs.get(reference) }).end();
  } else {
    send(response, 404, { "Content-Type": "text/plain" }, "404 page not found\n");
  }
}

async function answerManifest(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
  { repository, reference }: { repository: string; reference: string },
): Promise<void> {
  if (request.method === "PUT") {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
    }
    const manifest = piece(request.headers["content-type"] ?? "", Buffer.concat(chunks));
    state.manifests.set(`${repository}/${reference}`, manifest);
    state.manifests.set(`${repository}/${manifest.digest}`, manifest);
    send(response, 201, {
      "Docker-Content-Digest": manifest.digest,
      Location: `/v2/${repository}/manifests/${manifest.digest}`,
    });
    return;
  }
  const found = state.manifests.get(`${repository}/${reference}`);
  if (found === undefined) {
    const unknown = { errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] };
    send(response, 404, { "Content-Type": "application/json" }, JSON.stringify(unknown));
    return;
  }
  send(
    response,
    200,
    { "Content-Type": found.mediaType, "Docker-Content-Digest": found.digest },
    found.bytes,
  );
}

async function answerUpload(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
  { repository, id }: { repository: string; id: string },
): Promise<void> {
  const name = request.method === "POST" ? randomUUID() : id;
  const session = state.sessions.get(name) ?? { hash: createHash("sha256"), bytes: 0 };
  state.sessions.set(name, session);
  for await (const chunk of request as AsyncIterable<Buffer>) {
    session.hash.update(chunk);
    session.bytes += chunk.length;
    state.bytes += chunk.length;
  }
  const digest = new URL(request.url ?? "/", "http://registry").searchParams.get("digest");
  if (digest === null) {
    send(response, request.method === "GET" || request.method === "DELETE" ? 204 : 202, {
      Location: `/v2/${repository}/blobs/uploads/${name}`,
      Range: `0-${Math.max(0, session.bytes - 1)}`,
    });
    return;
  }
  state.sessions.delete(name);
  if (`sha256:${session.hash.digest("hex")}` !== digest) {
    const invalid = { errors: [{ code: "DIGEST_INVALID", message: "other bytes than named" }] };
    send(response, 400, { "Content-Type": "application/json" }, JSON.stringify(invalid));
    return;
  }
  state.blobs.set(digest, session.bytes);
  send(response, 201, {
    Location: `/v2/${repository}/blobs/${digest}`,
    "Docker-Content-Digest": digest,
  });
}
