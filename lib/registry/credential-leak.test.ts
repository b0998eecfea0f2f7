import type { ServerResponse } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type RecordedRequest,
  type ScriptedRegistry,
  scriptedRegistry,
} from "../testing/scripted-registry.ts";
import { allowAll } from "./egress.ts";
import { createRegistry } from "./remote-registry.ts";
import type { Registry } from "./repository.ts";
import { digestOf } from "./verify.ts";

const PASSWORD = "canary-registry-password";
const TOKEN = "canary-bearer-token";
const BASIC = Buffer.from(`robot:${PASSWORD}`).toString("base64");
const bytes = Buffer.from("the bytes of a blob");
const blob = { mediaType: "application/octet-stream", digest: digestOf(bytes), size: bytes.length };
const manifestBytes = Buffer.from('{"schemaVersion":2}');
const manifest = {
  descriptor: {
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    digest: digestOf(manifestBytes),
    size: manifestBytes.length,
  },
  bytes: manifestBytes,
};

async function scripted(script: Parameters<typeof scriptedRegistry>[0]): Promise<ScriptedRegistry> {
  const server = await scriptedRegistry(script);
  onTestFinished(() => server.stop());
  return server;
}

async function readAll(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const page of pages) {
    void page;
  }
}

async function* content(): AsyncGenerator<Uint8Array> {
  yield Uint8Array.from(bytes);
}

/** Everything that is ever asked of a registry. A fix that covers the pull only is none (docker/model-runner#1038). */
const OPERATIONS: Record<string, (registry: Registry) => Promise<unknown>> = {
  check: (registry) => registry.check(),
  "list repositories": (registry) => readAll(registry.repositories()),
  "list tags": (registry) => readAll(registry.repository("app").tags()),
  "resolve a tag": (registry) => registry.repository("app").resolve("latest"),
  "pull a manifest": (registry) => registry.repository("app").fetchManifest(manifest.descriptor.digest),
  "pull a blob": async (registry) => readAll(await registry.repository("app").fetchBlob(blob)),
  "ask for a blob": (registry) => registry.repository("app").hasBlob(blob),
  "push a manifest": (registry) => registry.repository("app").pushManifest(manifest, { tag: "latest" }),
  "mount a blob": (registry) => registry.repository("app").openUpload(blob, { mountFrom: "other" }),
  "push a blob": async (registry) => {
    const opened = await registry.repository("app").openUpload(blob);
    if (opened.kind === "upload") {
      await opened.upload.send(content());
    }
  },
};

interface Places {
  /** The registry that holds the attack. */
  own: string;
  /** The attacker's listener: the same host, another port. */
  evil: string;
  request: RecordedRequest;
}

interface Attack {
  /** What the registry says to who has not shown credentials; by default Basic or its own token server. */
  realm?: (places: Places) => string;
  /** What its own token server answers. */
  token?: (response: ServerResponse, places: Places) => void;
  /** What it answers to who has. */
  answer?: (response: ServerResponse, places: Places) => void;
  /** What the attacker's listener answers; by default `{"token":…}`. */
  evil?: (response: ServerResponse, places: Places) => void;
  /** Whether the attacker is asked at all, without credentials. */
  reached: boolean;
}

const redirect =
  (status: number, target: (places: Places) => string) =>
  (response: ServerResponse, places: Places): void =>
    void response.writeHead(status, { location: target(places) }).end();
const elsewhere = ({ evil, request }: Places) => `${evil}${request.url}`;
const challenge = (value: (places: Places) => string) => (response: ServerResponse, places: Places) =>
  void response.writeHead(401, { "www-authenticate": value(places) }).end();

const ATTACKS: Record<string, Attack> = {
  "a realm on another port": { realm: ({ evil }) => `${evil}/token`, reached: true },
  "a realm on another host": {
    realm: ({ evil }) => `${evil.replace("127.0.0.1", "localhost")}/token`,
    reached: true,
  },
  "a realm with our host as its user": {
    realm: ({ own, evil }) => `http://${new URL(own).host}@${new URL(evil).host}/token`,
    reached: false,
  },
  "a token server that redirects": { token: redirect(302, ({ evil }) => `${evil}/token`), reached: false },
  "a token server that redirects and keeps the method": {
    token: redirect(307, ({ evil }) => `${evil}/token`),
    reached: false,
  },
  "302 to another port": { answer: redirect(302, elsewhere), reached: true },
  "307 to another port": { answer: redirect(307, elsewhere), reached: true },
  "308 to another host": {
    answer: redirect(308, (places) => elsewhere(places).replace("127.0.0.1", "localhost")),
    reached: true,
  },
  "a redirect with our host as its user": {
    answer: redirect(307, ({ own, evil }) => `http://${new URL(own).host}@${new URL(evil).host}/x`),
    reached: false,
  },
  "a Basic challenge after a redirect": {
    answer: redirect(307, elsewhere),
    evil: challenge(() => 'Basic realm="registry"'),
    reached: true,
  },
  "a Bearer challenge after a redirect, naming our own token server": {
    answer: redirect(307, elsewhere),
    evil: challenge(({ own }) => `Bearer realm="${own}/token",service="registry"`),
    reached: true,
  },
  "a redirect there and back and there": {
    answer: redirect(307, elsewhere),
    evil: redirect(307, ({ own, request }) => `${own}${request.url}`),
    reached: true,
  },
  "an upload's Location on another port": {
    answer: redirect(202, ({ evil }) => `${evil}/upload`),
    reached: false,
  },
  "an upload's Location without a scheme": {
    answer: redirect(202, ({ evil }) => `//${new URL(evil).host}/upload`),
    reached: false,
  },
  "a Link to another port": {
    answer: (response, { evil, request }) =>
      void response
        .writeHead(200, { link: `<${evil}${request.url}>; rel="next"` })
        .end('{"repositories":["app"],"tags":["latest"]}'),
    reached: false,
  },
  "a challenge for another realm once the password was accepted": {
    answer: challenge(({ evil }) => `Bearer realm="${evil}/token",service="registry"`),
    reached: true,
  },
};

/** A registry and the attacker's listener beside it. `kind`: how the registry wants to be talked to. */
async function trap(attack: Attack, kind: "basic" | "token") {
  const places = (request: RecordedRequest): Places => ({ own: own.origin, evil: evil.origin, request });
  const evil: ScriptedRegistry = await scripted((request, response) => {
    if (attack.evil) {
      attack.evil(response, places(request));
    } else {
      response.end('{"token":"of-the-attacker"}');
    }
  });
  const own: ScriptedRegistry = await scripted((request, response) => {
    const { authorization } = request.headers;
    if (request.url.startsWith("/token")) {
      (attack.token ?? (() => void response.end(JSON.stringify({ token: TOKEN }))))(
        response,
        places(request),
      );
    } else if (authorization === `Basic ${BASIC}` || authorization === `Bearer ${TOKEN}`) {
      (attack.answer ?? (() => void response.writeHead(404).end()))(response, places(request));
    } else if (kind === "token" || attack.realm || attack.token) {
      const realm = attack.realm?.(places(request)) ?? `${own.origin}/token`;
      challenge(() => `Bearer realm="${realm}",service="registry"`)(response, places(request));
    } else {
      challenge(() => 'Basic realm="registry"')(response, places(request));
    }
  });
  return { own, evil };
}

describe.each(["basic", "token"] as const)("a registry that wants %s", (kind) => {
  test.each(Object.entries(ATTACKS))("%s: nothing of ours arrives there", async (_what, attack) => {
    const asked: string[] = [];
    for (const [name, run] of Object.entries(OPERATIONS)) {
      const { own, evil } = await trap(attack, kind);
      const registry = createRegistry({
        address: own.origin,
        vendor: "generic",
        plainHttp: true,
        username: "robot",
        password: PASSWORD,
        egress: allowAll,
      });
      onTestFinished(() => registry.close());
      await run(registry).catch(() => undefined);
      const received = JSON.stringify(
        evil.requests.map(({ url, headers, body }) => [url, headers, body.toString("latin1")]),
      );
      expect(own.requests.length, name).toBeGreaterThan(0);
      for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), BASIC, TOKEN, "authorization"]) {
        expect(received, name).not.toContain(secret);
      }
      if (evil.requests.length > 0) {
        asked.push(name);
      }
    }
    expect(asked.length > 0, asked.join(", ")).toBe(attack.reached);
  });
});
