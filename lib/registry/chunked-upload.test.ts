import type { ServerResponse } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { type RecordedRequest, scriptedRegistry } from "../testing/scripted-registry.ts";
import { registryClient } from "./registry.testing.ts";
import type { Registry, Upload, UploadState } from "./repository.ts";
import { digestOf } from "./verify.ts";

const KIB = 1024;
const CHUNK = 100 * KIB;
const bytes = Buffer.from(Array.from({ length: 350 * KIB }, (_, n) => (n * 7 + (n >> 8)) % 251));
const blob = { mediaType: "application/x", digest: digestOf(bytes), size: bytes.length };

async function* content(from = 0): AsyncGenerator<Uint8Array> {
  for (let start = from; start < bytes.length; start += 48 * KIB) {
    yield Uint8Array.from(bytes.subarray(start, start + 48 * KIB));
  }
}

type Answer = { status: number; headers?: Record<string, string>; body?: string };
/** What is said instead of the usual; undefined: as usual. Each PATCH is counted from 1. */
type Fault = (request: RecordedRequest, patches: number) => Answer | "lost" | "broken" | undefined;

/** A registry that keeps one upload, as far as a test lets it. */
async function target(
  fault: Fault = () => undefined,
  opened: Record<string, string> = {},
  runsFromBytesPerS = Number.POSITIVE_INFINITY,
) {
  let kept = Buffer.alloc(0);
  let patches = 0;
  const usual = (request: RecordedRequest): Answer => {
    const state = {
      location: `/upload/${kept.length}`,
      ...(kept.length > 0 ? { range: `0-${kept.length - 1}` } : {}),
    };
    switch (request.method) {
      case "POST":
        kept = Buffer.alloc(0);
        return { status: 202, headers: { location: "/upload/0", ...opened } };
      case "PATCH":
        kept = Buffer.concat([kept, request.body]);
        return {
          status: 202,
          headers: { location: `/upload/${kept.length}`, range: `0-${kept.length - 1}` },
        };
      case "GET":
        return { status: 204, headers: state };
      case "PUT":
        kept = Buffer.concat([kept, request.body]);
        return { status: kept.equals(bytes) ? 201 : 400, body: '{"errors":[{"code":"DIGEST_INVALID"}]}' };
      default:
        return { status: request.method === "HEAD" ? 404 : 204 };
    }
  };
  const server = await scriptedRegistry((request, response: ServerResponse) => {
    patches += request.method === "PATCH" ? 1 : 0;
    const instead = fault(request, patches);
    if (instead === "broken") {
      response.destroy();
      return;
    }
    const answer = instead === "lost" || instead === undefined ? usual(request) : instead;
    if (instead === "lost") {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, answer.headers).end(answer.status === 204 ? undefined : answer.body);
  });
  onTestFinished(() => server.stop());
  const registry = registryClient(server.origin, {
    chunks: { thresholdBytes: CHUNK, chunkBytes: CHUNK, runsFromBytesPerS },
    patience: { backoffMs: 1, backoffMostMs: 5 },
  });
  const steps = () =>
    server.requests.map(({ method, headers }) => `${method} ${headers["content-range"] ?? ""}`.trim());
  return { registry, server, steps, whole: () => kept.equals(bytes) };
}

async function opened(registry: Registry, begun?: UploadState): Promise<Upload> {
  const result = await registry.repository("app").openUpload(blob, { begun });
  if (result.kind !== "upload") {
    throw new Error("expected an upload");
  }
  return result.upload;
}

const FOUR = [
  "PATCH 0-102399",
  "PATCH 102400-204799",
  "PATCH 204800-307199",
  "PATCH 307200-358399",
  "PUT",
] as const;

test("a large blob goes in chunks, each where the answer to the last one points, and is completed by an empty PUT", async () => {
  const { registry, server, steps, whole } = await target();
  const states: UploadState[] = [];
  await (await opened(registry)).send(content(), (state) => states.push(state));
  expect(steps()).toEqual(["POST", ...FOUR]);
  expect(whole()).toBe(true);
  expect(server.requests.map(({ url }) => url.split("?")[0])).toEqual([
    "/v2/app/blobs/uploads/",
    ...["/upload/0", "/upload/102400", "/upload/204800", "/upload/307200", "/upload/358400"],
  ]);
  expect(states.map(({ received }) => received)).toEqual([102_400, 204_800, 307_200, 358_400]);
  expect(states[1]).toEqual({ url: `${server.origin}/upload/204800`, received: 204_800 });
});

test("where a lot passes in a moment the chunks become large, and are not gathered", async () => {
  const { registry, steps, whole } = await target(undefined, {}, 1);
  await (await opened(registry)).send(content());
  expect(steps()).toEqual(["POST", FOUR[0], "PATCH 102400-358399", "PUT"]);
  expect(whole()).toBe(true);
});

test("such a chunk that breaks off ends the attempt; the registry knows how far it came", async () => {
  const { registry, steps, whole } = await target(
    ({ method }, patches) => (method === "PATCH" && patches === 2 ? "lost" : undefined),
    {},
    1,
  );
  const states: UploadState[] = [];
  const first = (await opened(registry)).send(content(), (state) => states.push(state));
  await expect(first).rejects.toMatchObject({ name: "TransportError" });
  expect(states.at(-1)?.received).toBe(CHUNK);
  const upload = await opened(registry, states.at(-1));
  expect(upload.received).toBe(bytes.length);
  await upload.send(content(upload.received));
  expect(steps().slice(-2)).toEqual(["GET", "PUT"]);
  expect(whole()).toBe(true);
});

test("a small one goes as one PUT", async () => {
  const small = Buffer.alloc(CHUNK, 1);
  const { registry, steps } = await target();
  const of = { mediaType: "application/x", digest: digestOf(small), size: small.length };
  const result = await registry.repository("app").openUpload(of);
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield small;
  }
  await expect(result.kind === "upload" && result.upload.send(whole())).rejects.toMatchObject({
    code: "DIGEST_INVALID",
  });
  expect(steps().slice(0, 2)).toEqual(["POST", "PUT"]);
});

test("a registry that wants larger chunks gets them (FT16)", async () => {
  const { registry, steps } = await target(undefined, { "oci-chunk-min-length": String(200 * KIB) });
  await (await opened(registry)).send(content());
  expect(steps()).toEqual(["POST", "PATCH 0-204799", "PATCH 204800-358399", "PUT"]);
});

test("one that wants larger chunks than there is memory for gets one PUT", async () => {
  const { registry, steps } = await target(undefined, { "oci-chunk-min-length": String(1024 ** 3) });
  await (await opened(registry)).send(content());
  expect(steps()).toEqual(["POST", "PUT"]);
});

describe("a chunk that breaks off", () => {
  test.each([
    ["the connection breaks", "broken"],
    ["503", { status: 503 }],
    ["429", { status: 429 }],
    ["416 (FT04)", { status: 416, body: '{"errors":[{"code":"RANGE_INVALID"}]}' }],
    ["409", { status: 409 }],
  ] as const)("%s: is sent again, and nothing else", async (_what, answer) => {
    const { registry, steps, whole } = await target(({ method }, patches) =>
      method === "PATCH" && patches === 2 ? answer : undefined,
    );
    await (await opened(registry)).send(content());
    expect(steps()).toEqual(["POST", FOUR[0], FOUR[1], "GET", ...FOUR.slice(1)]);
    expect(whole()).toBe(true);
  });

  test("is not sent again when it had arrived and only the answer was lost", async () => {
    const { registry, steps, whole } = await target(({ method }, patches) =>
      method === "PATCH" && patches === 2 ? "lost" : undefined,
    );
    await (await opened(registry)).send(content());
    expect(steps()).toEqual(["POST", FOUR[0], FOUR[1], "GET", ...FOUR.slice(2)]);
    expect(whole()).toBe(true);
  });

  test("five times is an error, and the upload can be gone on with", async () => {
    const { registry, steps, whole } = await target(({ method }, patches) =>
      method === "PATCH" && patches > 1 && patches <= 6 ? { status: 503 } : undefined,
    );
    const states: UploadState[] = [];
    const first = (await opened(registry)).send(content(), (state) => states.push(state));
    await expect(first).rejects.toMatchObject({ status: 503 });
    expect(states).toHaveLength(1);
    const second = await opened(registry, states[0]);
    expect(second.received).toBe(CHUNK);
    await second.send(content(CHUNK));
    expect(steps().slice(-5)).toEqual(["GET", ...FOUR.slice(1)]);
    expect(whole()).toBe(true);
  });

  test("and whose upload is gone says so", async () => {
    const gone = { status: 404, body: '{"errors":[{"code":"BLOB_UPLOAD_INVALID"}]}' };
    const { registry, steps } = await target(({ method }, patches) =>
      patches === 2 && (method === "PATCH" || method === "GET")
        ? method === "PATCH"
          ? "broken"
          : gone
        : undefined,
    );
    await expect((await opened(registry)).send(content())).rejects.toMatchObject({
      code: "BLOB_UPLOAD_INVALID",
    });
    expect(steps()).toEqual(["POST", FOUR[0], FOUR[1], "GET"]);
  });
});

describe("Range in the answer to a chunk", () => {
  const ranged = (range: string): Fault => {
    return ({ method }, patches) =>
      method === "PATCH" && patches === 2
        ? { status: 202, headers: { location: "/upload/x", range } }
        : undefined;
  };

  test("shorter than what was sent: the rest is sent (FT03)", async () => {
    const { registry, steps } = await target(ranged("0-150000"));
    await expect((await opened(registry)).send(content())).rejects.toThrow();
    expect(steps().slice(0, 4)).toEqual(["POST", FOUR[0], FOUR[1], "PATCH 150001-204799"]);
  });

  test("shorter than a run, which is not at hand any more, ends the attempt", async () => {
    const short: Fault = ({ method }, patches) =>
      method === "PATCH" && patches === 2 ? { status: 202, headers: { range: "0-300000" } } : undefined;
    const { registry, steps } = await target(short, {}, 1);
    await expect((await opened(registry)).send(content())).rejects.toMatchObject({ code: "RANGE_INVALID" });
    expect(steps().at(-1)).toBe("PATCH 102400-358399");
  });

  test("that stands still is not believed (T25)", async () => {
    const { registry, steps } = await target(ranged("0-102399"));
    await expect((await opened(registry)).send(content())).rejects.toThrow();
    expect(steps().slice(0, 4)).toEqual(["POST", ...FOUR.slice(0, 3)]);
  });
});

describe("a registry that has no chunks (T25)", () => {
  test.each([
    [405, ""],
    [404, '{"errors":[{"code":"UNSUPPORTED"}]}'],
    [416, '{"errors":[{"code":"RANGE_INVALID"}]}'],
    [501, ""],
  ])("%d: the same bytes go as one PUT, as does every blob from then on", async (status, body) => {
    const { registry, steps, whole } = await target(({ method }) =>
      method === "PATCH" ? { status, body } : undefined,
    );
    await (await opened(registry)).send(content());
    expect(whole()).toBe(true);
    expect(steps().slice(-3)).toEqual(["DELETE", "POST", "PUT"]);
    const patches = steps().filter((step) => step.startsWith("PATCH")).length;
    await (await opened(registry)).send(content());
    expect(steps().slice(-2)).toEqual(["POST", "PUT"]);
    expect(steps().filter((step) => step.startsWith("PATCH"))).toHaveLength(patches);
  });

  test("or puts them together in another way: the next blob goes as one PUT", async () => {
    const { registry, steps, whole } = await target(({ method }, patches) =>
      method === "PATCH" && patches === 2 ? { status: 202 } : undefined,
    );
    await expect((await opened(registry)).send(content())).rejects.toMatchObject({ code: "DIGEST_INVALID" });
    await (await opened(registry)).send(content());
    expect(steps().slice(-2)).toEqual(["POST", "PUT"]);
    expect(whole()).toBe(true);
  });
});

describe("an upload that somebody else began", () => {
  const at = (origin: string, received = CHUNK): UploadState => ({
    url: `${origin}/upload/${received}?_state=x`,
    received,
  });

  test("is gone on with from where the registry says", async () => {
    const { registry, server, steps, whole } = await target();
    const states: UploadState[] = [];
    async function* breaking(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 2 * CHUNK);
      throw new RangeError("the source broke");
    }
    await expect((await opened(registry)).send(breaking(), (state) => states.push(state))).rejects.toThrow(
      "the source broke",
    );
    // Its writer died before it could write down the second chunk.
    const upload = await opened(registry, at(server.origin));
    expect(upload.received).toBe(states.at(-1)?.received ?? CHUNK);
    await upload.send(content(upload.received));
    expect(whole()).toBe(true);
    expect(steps().at(-1)).toBe("PUT");
  });

  test("and all of which has arrived is completed", async () => {
    const { registry, server, steps, whole } = await target(({ method }) =>
      method === "PUT" && steps().filter((step) => step === "PUT").length === 1 ? { status: 400 } : undefined,
    );
    await expect((await opened(registry)).send(content())).rejects.toMatchObject({ status: 400 });
    const upload = await opened(registry, at(server.origin, bytes.length));
    expect(upload.received).toBe(bytes.length);
    await upload.send((async function* () {})());
    expect(steps().slice(-2)).toEqual(["GET", "PUT"]);
    expect(whole()).toBe(true);
  });

  test("and that is gone is opened anew", async () => {
    const { registry, server, steps } = await target(({ method }) =>
      method === "GET" ? { status: 404 } : undefined,
    );
    expect((await opened(registry, at(server.origin))).received).toBe(0);
    expect(steps()).toEqual(["GET", "POST"]);
  });

  test("at another address is not asked for", async () => {
    const { registry, steps } = await target();
    expect((await opened(registry, at("http://127.0.0.1:9"))).received).toBe(0);
    expect(steps()).toEqual(["POST"]);
  });
});

test("content that fails ends it with its own error, and what was taken is known", async () => {
  const { registry, steps } = await target();
  const states: UploadState[] = [];
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, CHUNK + 1);
    throw new RangeError("the source broke");
  }
  const sending = (await opened(registry)).send(failing(), (state) => states.push(state));
  await expect(sending).rejects.toThrow("the source broke");
  expect(states.map(({ received }) => received)).toEqual([CHUNK]);
  expect(steps()).toEqual(["POST", FOUR[0]]);
});
