import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Descriptor } from "../registry/descriptor.ts";
import { RegistryError, TransportError } from "../registry/errors.ts";
import { MemoryRegistry, MemoryRepository } from "../registry/memory-repository.ts";
import type { Content, OpenedUpload, RequestOptions } from "../registry/repository.ts";
import { digestOf } from "../registry/verify.ts";
import { copyBlob } from "./copy-blob.ts";
import { memoryPlacements } from "./placements.ts";
import { addProgress, noProgress } from "./progress.ts";
import { targetMemory } from "./target-memory.ts";
import { UNTHROTTLED } from "./throttle.ts";
import type { Walk } from "./walk.ts";

const LARGE = Buffer.alloc(200_000, "large");
const SMALL = Buffer.from("small");

function blobOf(bytes: Uint8Array): Descriptor {
  return { mediaType: "application/octet-stream", digest: digestOf(bytes), size: bytes.byteLength };
}

function walkTo(target: MemoryRepository, source: MemoryRepository, signal = new AbortController().signal) {
  const placements = memoryPlacements();
  const bytes = noProgress();
  const failed = new AbortController();
  const walk: Walk = {
    source,
    target,
    placements,
    memory: targetMemory(placements),
    throttle: UNTHROTTLED,
    signal,
    begin: AbortSignal.any([signal, failed.signal]),
    fail: (error) => failed.abort(error),
    report: (progress) => addProgress(bytes, progress),
  };
  return { walk, bytes };
}

function sourceWith(...contents: Uint8Array[]): MemoryRepository {
  const source = new MemoryRepository("team/app", new MemoryRegistry("memory://source"));
  for (const content of contents) {
    source.putBlob(content);
  }
  return source;
}

/** A source that knows how many of its reads are open: read neither to their end nor given up. */
class Reading extends MemoryRepository {
  begun = 0;
  open = 0;

  override async fetchBlob(
    blob: Descriptor,
    options?: RequestOptions & { from?: number | undefined },
  ): Promise<Content> {
    const content = (await super.fetchBlob(blob, options))[Symbol.asyncIterator]();
    this.begun += 1;
    this.open += 1;
    let over = false;
    const end = () => {
      this.open -= over ? 0 : 1;
      over = true;
    };
    const iterator: AsyncIterator<Uint8Array> = {
      next: async () => {
        const result = await content.next();
        if (result.done) {
          end();
        }
        return result;
      },
      return: async () => {
        end();
        return { done: true, value: undefined };
      },
    };
    return { [Symbol.asyncIterator]: () => iterator };
  }
}

/** A target that says which requests came, mounts or not, and breaks as often as it is told to. */
class Recording extends MemoryRepository {
  readonly asked: string[] = [];
  mounts = true;
  breaks = 0;
  /** Whether a broken upload landed all the same. */
  landsBroken = false;

  override async hasBlob(blob: Descriptor, options?: RequestOptions): Promise<boolean> {
    this.asked.push("HEAD");
    return super.hasBlob(blob, options);
  }

  override async openUpload(
    blob: Descriptor,
    options: RequestOptions & { mountFrom?: string | undefined } = {},
  ): Promise<OpenedUpload> {
    this.asked.push(options.mountFrom === undefined ? "POST" : `POST mount ${options.mountFrom}`);
    const mountable = this.mounts && options.mountFrom === this.name && this.blobs.has(blob.digest);
    if (mountable) {
      return { kind: "mounted" };
    }
    const opened = await super.openUpload(blob, { signal: options.signal });
    if (opened.kind === "mounted") {
      return opened;
    }
    const send = async (content: Content): Promise<void> => {
      this.asked.push("PUT");
      if (this.breaks > 0) {
        this.breaks -= 1;
        if (this.landsBroken) {
          await opened.upload.send(content);
        }
        throw new TransportError("CONNECTION", { method: "PUT", url: "memory://target" }, "reset");
      }
      await opened.upload.send(content);
    };
    const cancel = async (): Promise<void> => {
      this.asked.push("DELETE");
    };
    return { kind: "upload", upload: { received: 0, send, cancel } };
  }
}

describe("the cheapest requests that are right", () => {
  test("the first blob is streamed and proves that mounts are answered; then an absent one costs two requests", async () => {
    const target = new Recording("t");
    const { walk, bytes } = walkTo(target, sourceWith(SMALL, LARGE));
    await copyBlob(blobOf(SMALL), walk);
    expect(target.asked).toEqual(["POST mount t", "PUT", "POST mount t"]);
    expect(walk.memory.mounts).toBe("honoured");
    target.asked.length = 0;
    await copyBlob(blobOf(LARGE), walk);
    expect(target.asked).toEqual(["POST mount t", "PUT"]);
    expect(bytes).toEqual({ ...noProgress(), copied: SMALL.length + LARGE.length });
  });

  test("a blob that stands in the target repository costs one request and no byte", async () => {
    const target = new Recording("t");
    target.putBlob(LARGE);
    const source = sourceWith();
    const { walk, bytes } = walkTo(target, source);
    await copyBlob(blobOf(LARGE), walk);
    expect(target.asked).toEqual(["POST mount t"]);
    expect(bytes).toEqual({ ...noProgress(), skipped: LARGE.length });
  });

  test("a registry that ignores mounts is caught before a large blob is sent twice, then asked with HEAD", async () => {
    const target = new Recording("t");
    target.mounts = false;
    target.putBlob(LARGE);
    target.putBlob(SMALL);
    const { walk, bytes } = walkTo(target, sourceWith());
    await copyBlob(blobOf(LARGE), walk);
    expect(target.asked).toEqual(["POST mount t", "HEAD", "DELETE"]);
    target.asked.length = 0;
    await copyBlob(blobOf(SMALL), walk);
    expect(target.asked).toEqual(["HEAD"]);
    expect(bytes).toEqual({ ...noProgress(), skipped: LARGE.length + SMALL.length });
  });

  test("a blob that is named by sha512 is never mounted: 2.8.3 loses it by that, also where it stood", async () => {
    const registry = new MemoryRegistry("memory://target");
    const target = new Recording("t", registry);
    const source = sourceWith(SMALL);
    const blob = { ...blobOf(SMALL), digest: digestOf(SMALL, "sha512") };
    source.blobs.set(blob.digest, SMALL);
    const { walk } = walkTo(target, source);
    await copyBlob(blob, walk);
    expect(target.asked).toEqual(["HEAD", "POST", "PUT"]);
    const other = new Recording("other", registry);
    await copyBlob(blob, { ...walk, target: other });
    expect(other.asked).toEqual(["HEAD", "POST", "PUT"]);
    const again = walkTo(target, source).walk;
    target.asked.length = 0;
    await copyBlob(blob, again);
    expect(target.asked).toEqual(["HEAD"]);
  });

  test("a blob of another repository of the target is mounted, not read", async () => {
    const registry = new MemoryRegistry("memory://target");
    const source = sourceWith(LARGE);
    const { walk, bytes } = walkTo(registry.repository("a"), source);
    await copyBlob(blobOf(LARGE), walk);
    source.blobs.clear();
    await copyBlob(blobOf(LARGE), { ...walk, target: registry.repository("b") });
    await copyBlob(blobOf(LARGE), { ...walk, target: registry.repository("b") });
    expect(registry.repository("b").blobs.has(blobOf(LARGE).digest)).toBe(true);
    expect(bytes).toEqual({ found: 0, copied: LARGE.length, mounted: LARGE.length, skipped: LARGE.length });
  });

  test("a mount from elsewhere proves nothing of mounts from itself: what stands is still not sent", async () => {
    class Outward extends MemoryRepository {
      override async openUpload(
        blob: Descriptor,
        options: RequestOptions & { mountFrom?: string | undefined } = {},
      ) {
        const mountFrom = options.mountFrom === this.name ? undefined : options.mountFrom;
        return super.openUpload(blob, { ...options, mountFrom });
      }
    }
    const registry = new MemoryRegistry("memory://target");
    const target = new Outward("b", registry);
    target.putBlob(LARGE);
    const { walk, bytes } = walkTo(registry.repository("a"), sourceWith(SMALL));
    await copyBlob(blobOf(SMALL), { ...walk, memory: targetMemory(memoryPlacements()) });
    const inB = { ...walk, target };
    await copyBlob(blobOf(SMALL), inB);
    expect(bytes.mounted).toBe(SMALL.length);
    await copyBlob(blobOf(LARGE), inB);
    expect(bytes.skipped).toBe(LARGE.length);
    expect(bytes.copied).toBe(SMALL.length);
  });

  test("a mount that is refused outright becomes an upload", async () => {
    class Refusing extends Recording {
      override async openUpload(blob: Descriptor, options: RequestOptions & { mountFrom?: string } = {}) {
        if (options.mountFrom !== undefined) {
          const url = "memory://target";
          throw new RegistryError({ code: "DENIED", status: 403, method: "POST", url, detail: "" });
        }
        return super.openUpload(blob, options);
      }
    }
    const target = new Refusing("t");
    const { walk } = walkTo(target, sourceWith(SMALL));
    await copyBlob(blobOf(SMALL), walk);
    expect(target.blobs.size).toBe(1);
  });
});

describe("an upload that breaks", () => {
  test("begins again, and what was sent in vain is not counted", async () => {
    const target = new Recording("t");
    target.breaks = 1;
    const { walk, bytes } = walkTo(target, sourceWith(LARGE));
    await copyBlob(blobOf(LARGE), walk);
    expect(target.blobs.has(blobOf(LARGE).digest)).toBe(true);
    expect(bytes.copied).toBe(LARGE.length);
    expect(target.asked).toContain("DELETE");
  });

  test("is not sent twice when it landed and only the answer was lost", async () => {
    const target = new Recording("t");
    target.breaks = 1;
    target.landsBroken = true;
    const { walk, bytes } = walkTo(target, sourceWith(LARGE));
    await copyBlob(blobOf(LARGE), walk);
    expect(target.asked.filter((request) => request === "PUT")).toHaveLength(1);
    expect(bytes.copied).toBe(LARGE.length);
  });

  test("before anything of the content is taken keeps no read of the source open", async () => {
    const source = new Reading("team/app", new MemoryRegistry("memory://source"));
    source.putBlob(LARGE);
    const target = new Recording("t");
    target.breaks = 99;
    const { walk } = walkTo(target, source);
    await expect(copyBlob(blobOf(LARGE), walk)).rejects.toMatchObject({ side: "target" });
    expect([source.begun, source.open]).toEqual([3, 0]);
  });

  test("every time fails in the end, with nothing counted", async () => {
    const target = new Recording("t");
    target.breaks = 99;
    const { walk, bytes } = walkTo(target, sourceWith(LARGE));
    await expect(copyBlob(blobOf(LARGE), walk)).rejects.toMatchObject({ side: "target", code: "CONNECTION" });
    expect(target.asked.filter((request) => request === "PUT")).toHaveLength(3);
    expect(bytes.copied).toBe(0);
  });

  test("wrong bytes are the source's fault, and nothing is committed", async () => {
    const source = sourceWith();
    source.blobs.set(blobOf(LARGE).digest, Buffer.alloc(LARGE.length, "wrong"));
    const target = new Recording("t");
    const { walk } = walkTo(target, source);
    await expect(copyBlob(blobOf(LARGE), walk)).rejects.toMatchObject({
      side: "source",
      code: "DIGEST_MISMATCH",
      digest: blobOf(LARGE).digest,
    });
    expect(target.blobs.size).toBe(0);
  });
});

test("an abort in the middle of a blob ends it at once, and gives the upload back", async () => {
  class Endless extends MemoryRepository {
    override async fetchBlob(): Promise<Content> {
      return (async function* () {
        while (true) {
          await sleep(2);
          yield Buffer.alloc(1);
        }
      })();
    }
  }
  const stop = new AbortController();
  const target = new Recording("t");
  const { walk, bytes } = walkTo(target, new Endless("s"), stop.signal);
  const copying = copyBlob({ ...blobOf(LARGE), size: 1_000_000_000 }, walk);
  setTimeout(() => stop.abort(new DOMException("stopped", "AbortError")), 50);
  await expect(copying).rejects.toMatchObject({ name: "AbortError" });
  expect(target.asked.at(-1)).toBe("DELETE");
  expect(bytes.copied).toBe(0);
  // The claim was given back: whoever comes next may bring it.
  const next = await walk.placements.claim(blobOf(LARGE).digest, "t", {
    signal: new AbortController().signal,
    mountable: true,
  });
  expect(next.kind).toBe("bring");
});
