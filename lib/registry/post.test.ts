import { afterEach, describe, expect, test } from "vitest";
import { type LoopbackServer, serve } from "../testing/loopback-server.ts";
import { poster } from "./post.ts";

const LOOPBACK = ["127.0.0.0/8"];
const servers: LoopbackServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function receiver(handle: Parameters<typeof serve>[0]): Promise<URL> {
  const server = await serve(handle);
  servers.push(server);
  return new URL("/hook?key=secret", server.origin);
}

const message = (url: URL) => ({ url, headers: { "content-type": "application/json" }, body: '{"a":"é"}' });

describe("poster", () => {
  test("sends the body with its headers and query, and reads the answer", async () => {
    const seen: string[] = [];
    const url = await receiver(async (request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers["content-type"]}`);
      for await (const chunk of request) {
        seen.push(String(chunk));
      }
      response.writeHead(202).end("taken");
    });
    const answer = await poster(LOOPBACK)(message(url));
    expect(answer).toMatchObject({ status: 202, text: "taken", retryAfterMs: undefined });
    expect(seen).toEqual(["POST /hook?key=secret application/json", '{"a":"é"}']);
  });

  test("does not follow a redirect, and sends once", async () => {
    let requests = 0;
    const url = await receiver(async (_request, response) => {
      requests += 1;
      response.writeHead(307, { location: "/elsewhere" }).end();
    });
    expect((await poster(LOOPBACK)(message(url))).status).toBe(307);
    expect(requests).toBe(1);
  });

  test("reads 64 KiB of an endless answer and lets go", async () => {
    let gone = false;
    const url = await receiver(async (_request, response) => {
      response.on("close", () => {
        gone = true;
      });
      response.writeHead(500);
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(16_384))) {
          // until the buffers are full
        }
      };
      response.on("drain", more);
      more();
    });
    const answer = await poster(LOOPBACK)(message(url));
    expect(answer.text).toHaveLength(64 * 1024);
    await expect.poll(() => gone).toBe(true);
  });

  test("Retry-After counts for as long as a day", async () => {
    const url = await receiver(async (_request, response) => {
      response.writeHead(429, { "retry-after": "7200" }).end();
    });
    expect((await poster(LOOPBACK)(message(url))).retryAfterMs).toBe(7_200_000);
  });

  test("dials nothing in the clear that is not listed, and nothing private that is not", async () => {
    let requests = 0;
    const url = await receiver(async (_request, response) => {
      requests += 1;
      response.end();
    });
    await expect(poster([])(message(url))).rejects.toMatchObject({ code: "EGRESS_DENIED" });
    // Public, but not listed: what is sent in the clear stays in networks that the operator named.
    await expect(poster(LOOPBACK)(message(new URL("http://192.88.99.1/")))).rejects.toMatchObject({
      code: "EGRESS_DENIED",
    });
    await expect(poster(LOOPBACK)(message(new URL("file:///etc/passwd")))).rejects.toMatchObject({
      code: "EGRESS_DENIED",
    });
    url.hostname = "localhost";
    await expect(poster(["10.0.0.0/8"])(message(url))).rejects.toMatchObject({ code: "EGRESS_DENIED" });
    expect(requests).toBe(0);
  });

  test("a receiver that is away is no answer", async () => {
    const url = await receiver(async () => undefined);
    await servers.splice(0)[0]?.stop();
    await expect(poster(LOOPBACK)(message(url))).rejects.toMatchObject({ code: "CONNECTION" });
  });

  test("what breaks it off from outside is passed on", async () => {
    const url = await receiver(async () => new Promise(() => undefined));
    const reason = new Error("the worker ends");
    const signal = AbortSignal.abort(reason);
    await expect(poster(LOOPBACK)({ ...message(url), signal })).rejects.toBe(reason);
  });
});
