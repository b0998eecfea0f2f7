import type { OutgoingHttpHeaders } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Fault } from "./fault.ts";

/** An answer on its way back. */
export interface PassingAnswer {
  status: number;
  headers: OutgoingHttpHeaders;
  body: AsyncIterable<Buffer>;
}

/** The body ends here, and how. */
export class Cut extends Error {
  override readonly name = "Cut";
  readonly by: "rst" | "fin" | "stall";

  constructor(by: Cut["by"]) {
    super(by);
    this.by = by;
  }
}

/** The answer as the fault leaves it. What cuts a body off is thrown while it is read, as a {@link Cut}. */
export async function spoiled(answer: PassingAnswer, fault: Fault): Promise<PassingAnswer> {
  const { status, headers, body } = answer;
  switch (fault.kind) {
    case "rst":
    case "fin":
    case "stall":
      return { ...answer, body: cutOff(body, fault.afterBytes, fault.kind) };
    case "trickle":
      return { ...answer, body: trickling(body, fault) };
    case "flip":
      return { ...answer, body: flipped(body, fault.atByte) };
    case "lie-length":
      return {
        status,
        headers: withLength(headers, lengthOf(headers) + fault.byBytes),
        body: ended(body),
      };
    case "append": {
      const length = lengthOf(headers) + fault.bytes.length;
      return {
        status,
        headers: fault.stated ? withLength(headers, length) : { ...headers, "content-length": undefined },
        body: joined(body, fault.bytes),
      };
    }
    case "swap-body":
      await drained(body);
      return {
        status,
        headers: withLength({ ...headers, ...fault.headers }, fault.body.length),
        body: once(fault.body),
      };
    case "chunked":
      return { ...answer, headers: { ...headers, "content-length": undefined } };
    case "gzip": {
      const packed = gzipSync(await drained(body), { level: 1 });
      return {
        status,
        headers: withLength({ ...headers, "content-encoding": "gzip" }, packed.length),
        body: once(packed),
      };
    }
    case "rewrite":
      return {
        status: fault.status ?? status,
        headers: { ...headers, ...fault.headers(headers) },
        body,
      };
    case "drop-ack":
      await drained(body);
      return { ...answer, body: cutOff(once(Buffer.alloc(0)), 0, "rst") };
    default:
      return answer;
  }
}

function lengthOf(headers: OutgoingHttpHeaders): number {
  return Number(headers["content-length"] ?? 0);
}

function withLength(headers: OutgoingHttpHeaders, bytes: number): OutgoingHttpHeaders {
  return { ...headers, "content-length": String(bytes), "transfer-encoding": undefined };
}

export async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

async function* ended(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* body;
  throw new Cut("fin");
}

async function* joined(body: AsyncIterable<Buffer>, more: Buffer): AsyncGenerator<Buffer> {
  yield* body;
  yield more;
}

export async function drained(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function* cutOff(
  body: AsyncIterable<Buffer>,
  afterBytes: number,
  by: Cut["by"],
): AsyncGenerator<Buffer> {
  let left = afterBytes;
  for await (const chunk of body) {
    if (chunk.length >= left) {
      yield chunk.subarray(0, left);
      throw new Cut(by);
    }
    left -= chunk.length;
    yield chunk;
  }
}

async function* trickling(
  body: AsyncIterable<Buffer>,
  { afterBytes, bytesPerSecond }: { afterBytes: number; bytesPerSecond: number },
): AsyncGenerator<Buffer> {
  let quick = afterBytes;
  for await (const chunk of body) {
    yield chunk.subarray(0, quick);
    for (let at = Math.min(quick, chunk.length); at < chunk.length; at += 1) {
      await sleep(1000 / bytesPerSecond);
      yield chunk.subarray(at, at + 1);
    }
    quick = Math.max(0, quick - chunk.length);
  }
}

async function* flipped(body: AsyncIterable<Buffer>, atByte: number): AsyncGenerator<Buffer> {
  let passed = 0;
  for await (const chunk of body) {
    const at = atByte - passed;
    if (at >= 0 && at < chunk.length) {
      const changed = Buffer.from(chunk);
      changed[at] = (changed[at] ?? 0) ^ 1;
      yield changed;
    } else {
      yield chunk;
    }
    passed += chunk.length;
  }
}
