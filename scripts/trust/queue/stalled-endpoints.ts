import type { IncomingMessage, ServerResponse } from "node:http";
import { openDatabase } from "../../../lib/db/client.ts";
import { prepareQueues } from "../../../lib/queue/boss.ts";
import { egressRule } from "../../../lib/registry/egress.ts";
import { createRegistry } from "../../../lib/registry/remote-registry.ts";
import type { Registry } from "../../../lib/registry/repository.ts";
import { image, layer } from "../../../lib/testing/content.ts";
import { serve } from "../../../lib/testing/loopback-server.ts";
import { tcpProxy } from "../../../lib/testing/tcp-proxy.ts";
import type { Trust } from "../trust-case.ts";

/** One kind of wait: what is done at an endpoint that has fallen silent, and when it has to be over. */
export interface StalledWait {
  readonly what: string;
  readonly boundS: number;
  readonly act: () => Promise<unknown>;
}

const ARTIFACT = image({ layers: [layer("stalled", 4_000)] });
const { manifest, blobs } = ARTIFACT;
const [config] = blobs;
const BLOB = {
  mediaType: config?.mediaType ?? "",
  digest: config?.digest ?? "",
  size: config?.bytes.length ?? 0,
};
const MANIFEST = {
  descriptor: { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.length },
  bytes: manifest.bytes,
};

/** How a registry falls silent: for repositories `half/…` in the middle of an answer, otherwise before it. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "", url = "" } = request;
  request.resume();
  if (url.startsWith("/v2/uploads/") && method === "POST") {
    response.writeHead(202, { Location: "/v2/uploads/app/blobs/uploads/1" }).end();
  } else if (url.startsWith("/v2/half/")) {
    const bytes = url.includes("/manifests/") ? manifest.bytes : (config?.bytes ?? Buffer.alloc(0));
    response.writeHead(200, { "Content-Length": bytes.length, "Content-Type": manifest.mediaType });
    response.write(bytes.subarray(0, 10));
  } else if (url.startsWith("/v2/moved/")) {
    response.writeHead(307, { Location: "/v2/silent/elsewhere" }).end();
  }
}

/** @param quick only those whose bound is seconds */
export async function stalledWaits(
  trust: Trust,
  databaseUrl: string,
  quick: boolean,
): Promise<StalledWait[]> {
  const server = await serve(answer);
  trust.cleanup(server.stop);
  const asking = await serve(async (request, response) => {
    if (request.url !== "/token") {
      response
        .writeHead(401, { "WWW-Authenticate": `Bearer realm="http://${request.headers.host}/token"` })
        .end();
    }
  });
  trust.cleanup(asking.stop);
  const registry = client(server.origin);
  const silent = registry.repository("silent/app");
  const half = registry.repository("half/app");
  const upload = async () => {
    const opened = await registry.repository("uploads/app").openUpload(BLOB);
    if (opened.kind !== "upload") {
      throw new Error("mounted");
    }
    return opened.upload;
  };
  const read = async (repository: typeof silent) => {
    for await (const chunk of await repository.fetchBlob(BLOB)) {
      void chunk;
    }
  };
  const all: StalledWait[] = [
    { what: "giving an upload up", boundS: 5, act: async () => (await upload()).cancel() },
    ...(await databaseWaits(trust, databaseUrl)),
    // Two requests, one after the other.
    { what: "checking a registry", boundS: 120, act: () => client(server.origin).check() },
    { what: "asking for a token", boundS: 60, act: () => client(asking.origin).check() },
    { what: "listing repositories", boundS: 60, act: () => first(registry.repositories()) },
    { what: "listing tags", boundS: 60, act: () => first(silent.tags()) },
    { what: "resolving a tag", boundS: 60, act: () => silent.resolve("1") },
    { what: "reading a manifest", boundS: 60, act: () => silent.fetchManifest(manifest.digest) },
    { what: "the rest of a manifest", boundS: 60, act: () => half.fetchManifest(manifest.digest) },
    { what: "asking for a blob", boundS: 60, act: () => silent.hasBlob(BLOB) },
    { what: "reading a blob", boundS: 60, act: () => read(silent) },
    // Silence, then as often as a broken read is taken up again.
    { what: "the rest of a blob", boundS: 240, act: () => read(half) },
    { what: "a redirect of a blob", boundS: 60, act: () => read(registry.repository("moved/app")) },
    { what: "opening an upload", boundS: 60, act: () => silent.openUpload(BLOB) },
    // Silence, then the question whether it arrived all the same.
    { what: "sending a blob", boundS: 360, act: async () => (await upload()).send(bytesOf()) },
    { what: "sending a manifest", boundS: 300, act: () => silent.pushManifest(MANIFEST, { tag: "1" }) },
  ];
  return quick ? all.filter(({ boundS }) => boundS <= 5) : all;
}

async function* bytesOf() {
  yield Buffer.from(config?.bytes ?? Buffer.alloc(0));
}

async function first<T>(pages: AsyncIterable<T>): Promise<T | undefined> {
  for await (const page of pages) {
    return page;
  }
  return undefined;
}

function client(address: string): Registry {
  return createRegistry({
    ...{ address, vendor: "distribution", plainHttp: true, retries: 0 },
    egress: egressRule(["127.0.0.1/32"]),
  });
}

/** A database that accepts connections and says nothing, and one that falls silent after it was connected to. */
async function databaseWaits(trust: Trust, databaseUrl: string): Promise<StalledWait[]> {
  const through = async () => {
    const url = new URL(databaseUrl);
    const proxy = await tcpProxy(Number(url.port || 5432));
    trust.cleanup(proxy.close);
    url.host = `127.0.0.1:${proxy.port}`;
    return { proxy, url: url.href };
  };
  const dead = await through();
  dead.proxy.stall();
  const dying = await through();
  const open = openDatabase(dying.url);
  await open.db.execute("select 1");
  dying.proxy.stall();
  const silent = openDatabase(dead.url);
  return [
    { what: "connecting to the database", boundS: 5, act: () => silent.db.execute("select 1") },
    { what: "a statement", boundS: 25, act: () => open.db.execute("select 1") },
    { what: "the queue's own connection", boundS: 30, act: () => prepareQueues(dead.url) },
  ];
}
