import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "../loopback-server.ts";
import { ChartStore, MuseumFault } from "./chart-store.ts";
import { indexYaml, versionsByName } from "./index-document.ts";
import { formFields } from "./multipart.ts";

export interface ChartMuseumOptions {
  /** Basic auth with one account. */
  account?: { username: string; password: string };
  /** Reading needs no account (`--auth-anonymous-get`). */
  anonymousGet?: boolean;
  /** `?force` replaces a version; default true (`--disable-force-overwrite` is its opposite). */
  allowForce?: boolean;
  /** The API and the repositories lie below it (`--context-path`). */
  contextPath?: string;
  /** What addresses in the index begin with (`--chart-url`); default: relative ones. */
  chartUrl?: string;
}

export interface MuseumRequest {
  method: string;
  /** With the query. */
  path: string;
  authorization: string | undefined;
  status: number;
}

/** A running server of charts. */
export interface TestChartMuseum {
  /** `http://127.0.0.1:<port>`, with the context path. */
  address: string;
  origin: string;
  /** In the order in which they ended. */
  requests: MuseumRequest[];
  store: ChartStore;
  /** Answers this instead of the index it would write; null: what it would write. */
  setIndex(text: string | null): void;
  stop(): Promise<void>;
}

const MAX_UPLOAD_BYTES = 20 * 1024 * 1024;
const ROUTE = /^\/(api\/)?((?:[^/]+\/)*?)(index\.yaml|charts|prov|health)(?:\/([^/]+))?(?:\/([^/]+))?$/;

/**
 * Starts a server that speaks as ChartMuseum does (README, "API"), with a folder of its own: every path of tenants is a repository,
 * so one server serves the root and any namespace.
 */
export async function startChartMuseum(options: ChartMuseumOptions = {}): Promise<TestChartMuseum> {
  const root = await mkdtemp(join(tmpdir(), "lockstep-charts-"));
  const museum = new Museum(new ChartStore(root), options);
  const server = await serve((request, response) => museum.handle(request, response));
  return {
    address: `${server.origin}${options.contextPath ?? ""}`,
    origin: server.origin,
    requests: museum.requests,
    store: museum.store,
    setIndex: (text) => {
      museum.index = text;
    },
    stop: async () => {
      await server.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

interface Route {
  method: string;
  api: boolean;
  tenant: string;
  what: string;
  name: string | undefined;
  version: string | undefined;
  force: boolean;
}

class Museum {
  readonly store: ChartStore;
  readonly requests: MuseumRequest[] = [];
  index: string | null = null;
  readonly #options: ChartMuseumOptions;

  constructor(store: ChartStore, options: ChartMuseumOptions) {
    this.store = store;
    this.#options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "" } = request;
    response.once("close", () => {
      const { authorization } = request.headers;
      this.requests.push({ method, path: url, authorization, status: response.statusCode });
    });
    const body = await bodyOf(request);
    try {
      const route = this.#route(method, url);
      this.#admit(request, route);
      const { status, type, bytes } = await this.#answer(route, request.headers["content-type"] ?? "", body);
      response.writeHead(status, { "content-type": type, "content-length": bytes.length });
      response.end(method === "HEAD" ? undefined : bytes);
    } catch (error) {
      const fault = error instanceof MuseumFault ? error : new MuseumFault(500, String(error));
      const challenge = fault.status === 401 ? { "www-authenticate": 'Basic realm="ChartMuseum"' } : {};
      response.writeHead(fault.status, { "content-type": "application/json", ...challenge });
      response.end(JSON.stringify({ error: fault.message }));
    }
  }

  #route(method: string, target: string): Route {
    const { pathname, searchParams } = new URL(target, "http://museum");
    const { contextPath = "" } = this.#options;
    const inside = pathname.startsWith(`${contextPath}/`) ? pathname.slice(contextPath.length) : "";
    const [whole, api, tenant = "", what = "", name, version] = ROUTE.exec(inside) ?? [];
    if (whole === undefined || tenant.includes("..")) {
      throw new MuseumFault(404, "not found");
    }
    const decoded = [name, version].map((part) => part && decodeURIComponent(part));
    return {
      ...{ method, api: api !== undefined, tenant, what, force: searchParams.has("force") },
      ...{ name: decoded[0], version: decoded[1] },
    };
  }

  #admit({ headers }: IncomingMessage, { method }: Route): void {
    const { account, anonymousGet } = this.#options;
    if (!account || (anonymousGet && (method === "GET" || method === "HEAD"))) {
      return;
    }
    const expected = Buffer.from(`${account.username}:${account.password}`).toString("base64");
    if (headers.authorization !== `Basic ${expected}`) {
      throw new MuseumFault(401, "unauthorized");
    }
  }

  async #answer(route: Route, contentType: string, body: Buffer): Promise<Answer> {
    const { method, api, tenant, what, name } = route;
    if (method === "POST" && api) {
      return this.#upload(route, contentType, body);
    }
    if (method === "DELETE" && api && name && route.version) {
      await this.store.remove(tenant, name, route.version);
      return json(200, { deleted: true });
    }
    if (method !== "GET" && method !== "HEAD") {
      throw new MuseumFault(404, "not found");
    }
    if (what === "index.yaml" && !api) {
      const text = this.index ?? indexYaml(await this.#versions(tenant), this.#options.contextPath ?? "");
      return { status: 200, type: "application/x-yaml", bytes: Buffer.from(text) };
    }
    if (what === "charts" && !api && name) {
      return { status: 200, type: "application/x-tar", bytes: await this.store.file(tenant, name) };
    }
    if (what === "charts" && api) {
      return this.#listed(route);
    }
    return json(200, { healthy: true });
  }

  async #listed({ tenant, name, version }: Route): Promise<Answer> {
    const all = await this.#versions(tenant);
    const versions = name === undefined ? Object.fromEntries(all) : all.get(name);
    const found =
      version === undefined || !Array.isArray(versions)
        ? versions
        : versions.find((one) => one.version === version);
    if (found === undefined) {
      throw new MuseumFault(404, "not found");
    }
    return json(200, found);
  }

  async #upload(route: Route, contentType: string, body: Buffer): Promise<Answer> {
    const { tenant, what, force } = route;
    if (body.length > MAX_UPLOAD_BYTES) {
      throw new MuseumFault(413, "request too large");
    }
    const overwrite = force && this.#options.allowForce !== false;
    const fields = formFields(contentType, body);
    const chart = fields ? fields.get("chart") : what === "charts" ? body : undefined;
    const provenance = fields ? fields.get("prov") : what === "prov" ? body : undefined;
    if (!chart && !provenance) {
      throw new MuseumFault(400, "no package or provenance file found in form fields chart and prov");
    }
    if (chart) {
      await this.store.putChart(tenant, chart, overwrite);
    }
    if (provenance) {
      await this.store.putProvenance(tenant, provenance, overwrite);
    }
    return json(201, { saved: true });
  }

  async #versions(tenant: string) {
    const { chartUrl } = this.#options;
    return versionsByName(
      await this.store.list(tenant),
      chartUrl === undefined ? "" : `${chartUrl}/${tenant}`,
    );
  }
}

interface Answer {
  status: number;
  type: string;
  bytes: Buffer;
}

function json(status: number, value: unknown): Answer {
  return { status, type: "application/json", bytes: Buffer.from(JSON.stringify(value)) };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
