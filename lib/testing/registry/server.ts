import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { type AccessEntry, AccessLog } from "../access-log.ts";
import { type Access, Auth, type RegistryAuth } from "./auth.ts";
import { answerBlob } from "./blobs.ts";
import type { BehaviourOptions, Exchange, Intercept } from "./exchange.ts";
import { RegistryFault, send, sendFault } from "./fault.ts";
import { answerCatalog, answerReferrers, answerTags } from "./listings.ts";
import { answerManifest } from "./manifests.ts";
import { type NotificationEndpoint, Notifications } from "./notifications.ts";
import { Store } from "./store.ts";
import { Uploads } from "./uploads.ts";

export interface RegistryOptions extends Partial<BehaviourOptions> {
  /** Content is kept here and found again by the next start. */
  dataDir: string;
  /** Default: any free one. */
  port?: number;
  auth?: RegistryAuth;
  tls?: { certificate: string; key: string };
  /** Added to every answer. */
  latencyMs?: number;
  intercept?: Intercept;
  /** Where pushes and deletions are told, asked for each time; null: nowhere. */
  notify?: () => NotificationEndpoint | null;
}

export interface RunningRegistry {
  /** `http://127.0.0.1:<port>` or `https://…`. */
  origin: string;
  /** `127.0.0.1:<port>`. */
  host: string;
  port: number;
  dataDir: string;
  accessLog(): AccessLog;
  tokensIssued(): number;
  /** Closes every connection; the content stays. */
  stop(): Promise<void>;
}

/**
 * Starts our own registry on the loopback: the OCI Distribution protocol, files on disk, any misbehaviour by `intercept`.
 * @throws when the port is taken
 */
export async function startRegistry(options: RegistryOptions): Promise<RunningRegistry> {
  const entries: AccessEntry[] = [];
  const auth = new Auth(options.auth);
  const store = await Store.open(options.dataDir);
  const notifications = new Notifications(options.notify ?? (() => null));
  const answer = dispatcher(options, { store, auth, notifications });
  const earlier = counter();
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", "http://registry");
    const method = request.method ?? "GET";
    response.once("close", () => entries.push(entryOf(request, response)));
    try {
      const count = earlier(`${method} ${url.pathname}`);
      if (options.latencyMs !== undefined) {
        await sleep(options.latencyMs);
      }
      const taken = await options.intercept?.({ method, url, request, response, earlier: count });
      if (taken !== "answered") {
        await answer({ method, url, request, response });
      }
    } catch (error) {
      fail(response, error);
    }
  };
  const tls = options.tls;
  const server =
    tls === undefined ? createServer() : createTlsServer({ cert: tls.certificate, key: tls.key });
  server.on("request", (request, response) => void handle(request, response));
  // A slow upload is not a fault here, and an idle connection must outlive a client's pause.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 65_000;
  const port = await listen(server, options.port ?? 0);
  return {
    origin: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    port,
    dataDir: options.dataDir,
    accessLog: () => new AccessLog([...entries]),
    tokensIssued: () => auth.issued,
    stop: () => {
      notifications.stop();
      return close(server);
    },
  };
}

type Incoming = Pick<Exchange, "method" | "url" | "request" | "response">;

const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const ROUTE = /^\/v2\/(.+)\/(?:(manifests|referrers|blobs)\/([^/]+)|blobs\/(uploads)\/([^/]*)|(tags)\/list)$/;

/** Finds what a path means. */
function dispatcher(
  options: RegistryOptions,
  { store, auth, notifications }: { store: Store; auth: Auth; notifications: Notifications },
): (incoming: Incoming) => Promise<void> {
  const uploads = new Uploads();
  const behaviour: BehaviourOptions = {
    pageSize: options.pageSize ?? 1000,
    referrersApi: options.referrersApi ?? true,
    sparseIndexes: options.sparseIndexes ?? false,
    mount: options.mount ?? true,
  };
  return async (incoming) => {
    const { method, url, request, response } = incoming;
    const exchange: Exchange = {
      ...incoming,
      store,
      options: behaviour,
      tell: (change) => notifications.tell(change),
      mayPull: (name) => auth.allows(request, { resource: `repository:${name}`, action: "pull" }),
    };
    if (url.pathname === "/token") {
      return auth.answerToken(request, response, url);
    }
    if (url.pathname === "/v2/" || url.pathname === "/v2") {
      auth.check(request, { resource: undefined, action: "pull" });
      return send(response, 200, { "Content-Type": "application/json" }, "{}");
    }
    if (url.pathname === "/v2/_catalog") {
      auth.check(request, { resource: "registry:catalog", action: "*" });
      return answerCatalog(exchange);
    }
    const [, name, kind, reference, isUpload, upload, isTags] = ROUTE.exec(decodeURI(url.pathname)) ?? [];
    if (name === undefined) {
      return send(response, 404, { "Content-Type": "text/plain" }, "404 page not found\n");
    }
    if (!NAME.test(name) || name.length > 255) {
      throw new RegistryFault(400, "NAME_INVALID", `not a repository name: ${name}`);
    }
    auth.check(request, accessOf(method, name));
    if (isTags !== undefined) {
      return answerTags(exchange, name);
    }
    if (isUpload !== undefined) {
      return upload === "" || upload === undefined
        ? uploads.open(exchange, name)
        : uploads.answer(exchange, name, upload);
    }
    return answerContent(exchange, name, { kind, reference: reference ?? "" });
  };
}

function answerContent(
  exchange: Exchange,
  repository: string,
  { kind, reference }: { kind: string | undefined; reference: string },
): Promise<void> {
  switch (kind) {
    case "manifests":
      return answerManifest(exchange, repository, reference);
    case "referrers":
      return answerReferrers(exchange, repository, reference);
    default:
      return answerBlob(exchange, repository, reference);
  }
}

function accessOf(method: string, repository: string): Access {
  const action = method === "GET" || method === "HEAD" ? "pull" : method === "DELETE" ? "delete" : "push";
  return { resource: `repository:${repository}`, action };
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    // Half an answer is out: only a broken connection tells the client so.
    response.destroy();
    return;
  }
  const fault =
    error instanceof RegistryFault
      ? error
      : new RegistryFault(500, "UNKNOWN", `unexpected: ${String(error)}`);
  sendFault(response, fault);
}

function entryOf(request: IncomingMessage, response: ServerResponse): AccessEntry {
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    status: response.statusCode,
    bytes: request.method === "HEAD" ? 0 : Number(response.getHeader("content-length") ?? 0),
    userAgent: request.headers["user-agent"] ?? "",
  };
}

/** Counts per key; returns how many came before. */
function counter(): (key: string) => number {
  const seen = new Map<string, number>();
  return (key) => {
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return before;
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
