import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type RecordedRequest,
  type ScriptedRegistry,
  scriptedRegistry,
} from "../testing/scripted-registry.ts";
import { registryClient } from "./registry.testing.ts";
import type { Registry, RegistryOptions } from "./repository.ts";

const PASSWORD = "correct-horse-battery";
const BASIC = `Basic ${Buffer.from(`robot:${PASSWORD}`).toString("base64")}`;

function client(server: { origin: string }, options: Partial<RegistryOptions> = {}): Registry {
  return registryClient(server.origin, { username: "robot", password: PASSWORD, ...options });
}

async function scripted(script: Parameters<typeof scriptedRegistry>[0]): Promise<ScriptedRegistry> {
  const server = await scriptedRegistry(script);
  onTestFinished(() => server.stop());
  return server;
}

interface TokenRegistry extends ScriptedRegistry {
  tokenRequests(): RecordedRequest[];
}

/** A registry with a token server beside it; valid tokens carry the scopes they were issued for. */
async function tokenRegistry(options: {
  issue?: (request: RecordedRequest, response: ServerResponse) => void | Promise<void>;
  accepts?: (token: string | undefined) => boolean;
  demand?: string;
  challenge?: (origin: string) => string;
}): Promise<TokenRegistry> {
  const server = await scripted(async (request, response) => {
    if (request.url.startsWith("/token")) {
      if (options.issue) {
        await options.issue(request, response);
      } else {
        response.end('{"token":"good"}');
      }
      return;
    }
    const token = request.headers.authorization?.replace(/^Bearer /, "");
    if (options.accepts ? options.accepts(token) : token === "good") {
      response.writeHead(404).end();
      return;
    }
    const scope = options.demand === undefined ? "" : `,scope="${options.demand}"`;
    const challenge =
      options.challenge?.(server.origin) ?? `Bearer realm="${server.origin}/token",service="reg"${scope}`;
    response.writeHead(401, { "www-authenticate": challenge }).end();
  });
  return { ...server, tokenRequests: () => server.requests.filter(({ url }) => url.startsWith("/token")) };
}

const query = (request: RecordedRequest | undefined) => new URL(request?.url ?? "/", "http://x").searchParams;

describe("Basic", () => {
  test("is shown after the challenge, and from then on unasked", async () => {
    const server = await scripted((request, response) => {
      if (request.headers.authorization === BASIC) {
        response.writeHead(404).end();
      } else {
        response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end("no");
      }
    });
    const registry = client(server);
    await registry.repository("app").resolve("a");
    await registry.repository("app").resolve("b");
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, BASIC, BASIC]);
  });

  test("a wrong password is said once, not eight times", async () => {
    const server = await scripted((_request, response) => {
      response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end();
    });
    await expect(client(server).repository("app").resolve("a")).rejects.toMatchObject({
      code: "UNAUTHORIZED",
      status: 401,
    });
    expect(server.requests).toHaveLength(2);
  });

  test("without a password the challenge is the answer", async () => {
    const server = await scripted((_request, response) => {
      response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end();
    });
    const registry = client(server, { username: undefined, password: undefined });
    await expect(registry.repository("app").resolve("a")).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    expect(server.requests).toHaveLength(1);
  });

  test("a 401 without a challenge is the answer too", async () => {
    const server = await scripted((_request, response) => void response.writeHead(401).end());
    await expect(client(server).repository("app").resolve("a")).rejects.toMatchObject({ status: 401 });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });
});

describe("tokens", () => {
  test("are bought once for a scope, with the credentials, and used unasked afterwards", async () => {
    const server = await tokenRegistry({});
    const registry = client(server);
    await registry.repository("app").resolve("a");
    await registry.repository("app").resolve("b");
    await registry.repository("app").resolve("c");
    expect(server.tokenRequests()).toHaveLength(1);
    expect(server.tokenRequests()[0]?.headers.authorization).toBe(BASIC);
    expect(query(server.tokenRequests()[0]).get("service")).toBe("reg");
    expect(query(server.tokenRequests()[0]).getAll("scope")).toEqual(["repository:app:pull"]);
    expect(registry.requests).toBe(5);
    await registry.repository("other").resolve("a");
    expect(query(server.tokenRequests()[1]).getAll("scope")).toEqual(["repository:other:pull"]);
  });

  test("may be called access_token, and may be had by nobody in particular", async () => {
    const server = await tokenRegistry({
      issue: (_request, response) => void response.end('{"access_token":"good"}'),
    });
    const registry = client(server, { username: undefined, password: undefined });
    expect(await registry.repository("app").resolve("a")).toBeNull();
    expect(server.tokenRequests()[0]?.headers.authorization).toBeUndefined();
  });

  test("50 who come back with an expired token buy one new one", async () => {
    let valid = "first";
    const server = await tokenRegistry({
      issue: async (_request, response) => {
        const token = valid;
        await new Promise((resolve) => setTimeout(resolve, 30));
        response.end(JSON.stringify({ token, expires_in: 3600 }));
      },
      accepts: (token) => token === valid,
    });
    const registry = client(server, { concurrency: 50 });
    const ask = () =>
      Promise.all(Array.from({ length: 50 }, (_, n) => registry.repository("app").resolve(`t${n}`)));
    await ask();
    expect(server.tokenRequests()).toHaveLength(1);
    valid = "second";
    await ask();
    expect(server.tokenRequests()).toHaveLength(2);
  });

  test("are renewed before they expire", async () => {
    let issued = 0;
    const server = await tokenRegistry({
      issue: (_request, response) => {
        issued += 1;
        response.end(JSON.stringify({ token: `t${issued}`, expires_in: 0.5 }));
      },
      accepts: (token) => token === `t${issued}` && issued > 0,
    });
    const registry = client(server);
    await registry.repository("app").resolve("a");
    await new Promise((resolve) => setTimeout(resolve, 450));
    await registry.repository("app").resolve("a");
    expect(issued).toBe(2);
    // One challenge at the very beginning, none since.
    expect(registry.requests).toBe(5);
  });

  test("a scope that the registry wants beyond ours comes first and is remembered", async () => {
    const seen: string[][] = [];
    const server = await tokenRegistry({
      demand: "repository:app:pull,delete",
      issue: (request, response) => {
        seen.push(query(request).getAll("scope"));
        response.end('{"token":"good"}');
      },
    });
    const registry = client(server);
    await registry.repository("app").resolve("a");
    await registry.repository("app").resolve("b");
    expect(seen).toEqual([["repository:app:pull,delete", "repository:app:pull"]]);
  });

  test("a mount asks for both repositories in one token", async () => {
    const seen: string[][] = [];
    const server = await tokenRegistry({
      issue: (request, response) => {
        seen.push(query(request).getAll("scope"));
        response.end('{"token":"good"}');
      },
    });
    const blob = { mediaType: "application/x", digest: `sha256:${"0".repeat(64)}`, size: 1 };
    await client(server)
      .repository("app")
      .openUpload(blob, { mountFrom: "base" })
      .catch(() => undefined);
    expect(seen[0]).toEqual(["repository:app:pull,push", "repository:base:pull"]);
  });

  test.each([
    ["no token", "{}", 200],
    ["an empty token", '{"token":""}', 200],
    ["a token that breaks a header", '{"token":"a\\r\\nx: y"}', 200],
    ["a web page", "<html></html>", 200],
    ["2 MiB", `{"token":"${"x".repeat(2 * 1024 * 1024)}"}`, 200],
    ["401", '{"errors":[{"code":"UNAUTHORIZED","message":"bad password"}]}', 401],
    ["403", "", 403],
  ])("%s from the token server ends it", async (_what, body, status) => {
    const server = await tokenRegistry({
      issue: (_request, response) => void response.writeHead(status).end(body),
    });
    await expect(client(server).repository("app").resolve("a")).rejects.toMatchObject({
      name: "RegistryError",
      status,
    });
    expect(server.tokenRequests()).toHaveLength(1);
  });

  test("a token server that stumbles is asked again", async () => {
    let asked = 0;
    const server = await tokenRegistry({
      issue: (_request, response) => {
        asked += 1;
        response.writeHead(asked === 1 ? 500 : 200).end('{"token":"good"}');
      },
    });
    expect(await client(server).repository("app").resolve("a")).toBeNull();
    expect(asked).toBe(2);
  });

  test("a token server that fails each time is named as the one that does", async () => {
    const server = await tokenRegistry({
      issue: (_request, response) => void response.writeHead(503).end("upstream is down"),
    });
    await expect(client(server, { retries: 1 }).repository("app").resolve("a")).rejects.toMatchObject({
      ...{ code: "TOKEN_SERVER", status: 503, detail: "upstream is down" },
    });
    expect(server.tokenRequests()).toHaveLength(2);
  });

  test("a registry that never accepts its own tokens is not asked for ever", async () => {
    const server = await tokenRegistry({ accepts: () => false });
    await expect(client(server).repository("app").resolve("a")).rejects.toMatchObject({ status: 401 });
    expect(server.requests.length).toBeLessThanOrEqual(6);
  });
});

describe("credentials are shown to nobody else", () => {
  const everything = (servers: ScriptedRegistry[]) =>
    JSON.stringify(
      servers.map(({ requests }) => requests.map(({ url, headers, body }) => [url, headers, String(body)])),
    );

  test("a realm on another host gets an anonymous question", async () => {
    const evil = await scripted((_request, response) => void response.end('{"token":"evil"}'));
    const server = await tokenRegistry({
      challenge: () => `Bearer realm="${evil.origin}/token",service="reg"`,
    });
    const registry = client(server);
    await expect(registry.repository("app").resolve("a")).rejects.toMatchObject({ status: 401 });
    expect(evil.requests.length).toBeGreaterThan(0);
    expect(everything([evil])).not.toContain(BASIC.slice(6));
    expect(everything([evil, server])).not.toContain(PASSWORD);
    await expect(registry.check()).rejects.toMatchObject({ name: "RegistryError" });
  });

  test("a check says that the password could not be shown", async () => {
    const evil = await scripted((_request, response) => void response.end('{"token":"anonymous"}'));
    const server = await scripted((request, response) => {
      if (request.headers.authorization === "Bearer anonymous") {
        response.end("{}");
      } else {
        response.writeHead(401, { "www-authenticate": `Bearer realm="${evil.origin}/token"` }).end();
      }
    });
    await expect(client(server).check()).rejects.toMatchObject({ code: "REDIRECT_REFUSED" });
    await expect(client(server).check()).rejects.toThrow("the password is not sent to the token server");
  });

  test.each([
    ["with user info", (origin: string) => origin.replace("http://", "http://a:b@")],
    ["of a file", () => "file:///etc/passwd"],
    ["without an address", () => "token"],
    ["without a realm at all", () => ""],
  ])("a realm %s is not asked", async (_what, realm) => {
    const server = await tokenRegistry({ challenge: (origin) => `Bearer realm="${realm(origin)}"` });
    await expect(client(server).repository("app").resolve("a")).rejects.toThrow();
    expect(server.tokenRequests()).toHaveLength(0);
    expect(everything([server])).not.toContain(BASIC.slice(6));
  });

  test("what comes with such a realm keeps no connection, however large it is", async () => {
    const closed: Promise<unknown>[] = [];
    const server = await scripted((_request, response) => {
      closed.push(once(response, "close"));
      response
        .writeHead(401, { "www-authenticate": 'Bearer realm="token"' })
        .end(Buffer.alloc(64 * 1024 * 1024));
    });
    const manifest = client(server).repository("app").fetchManifest("a");
    await expect(manifest).rejects.toMatchObject({ code: "REDIRECT_REFUSED" });
    await Promise.all(closed);
    expect(closed).toHaveLength(1);
  });

  test("a token server that redirects is not followed", async () => {
    const evil = await scripted((_request, response) => void response.end('{"token":"good"}'));
    const server = await tokenRegistry({
      issue: (_request, response) => void response.writeHead(302, { location: `${evil.origin}/token` }).end(),
    });
    await expect(client(server).repository("app").resolve("a")).rejects.toMatchObject({
      code: "REDIRECT_REFUSED",
    });
    expect(evil.requests).toHaveLength(0);
  });
});
