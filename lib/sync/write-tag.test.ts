import { setImmediate as turn } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Descriptor } from "../registry/descriptor.ts";
import { RegistryError } from "../registry/errors.ts";
import { MemoryRepository } from "../registry/memory-repository.ts";
import type { Content, Manifest, OpenedUpload, PushOptions, ResolveOptions } from "../registry/repository.ts";
import { MEDIA } from "../testing/content.ts";
import { copyTag } from "./copy-tag.ts";
import { memoryPlacements } from "./placements.ts";
import type { TransferContext, TransferOutcome } from "./transfer.ts";

/** So many turns of the event loop an answer of the target takes: enough for whatever is begun meanwhile to be seen. */
const LATE_TURNS = 20;

async function late(): Promise<void> {
  for (let turns = 0; turns < LATE_TURNS; turns += 1) {
    await turn();
  }
}

function refusal(method: string): RegistryError {
  return new RegistryError({ code: "DENIED", status: 403, method, url: "memory://", detail: "" });
}

/** An end that notes which questions about tags reach it, and answers late where content is sent to it. */
class End extends MemoryRepository {
  readonly #side: string;
  readonly #log: string[];
  /** What happens between the last byte of a blob and the answer to it. */
  beforeAnswer: () => void = () => undefined;
  beforeResolve: (asked: number) => void = () => undefined;
  #asked = 0;

  constructor(side: string, log: string[]) {
    super("team/app");
    this.#side = side;
    this.#log = log;
  }

  override async resolve(reference: string, options?: ResolveOptions): Promise<Descriptor | null> {
    if (!reference.includes(":")) {
      this.#log.push(`${this.#side} HEAD ${reference}`);
      this.#asked += 1;
      this.beforeResolve(this.#asked);
    }
    return super.resolve(reference, options);
  }

  override async openUpload(blob: Descriptor, options = {}): Promise<OpenedUpload> {
    const opened = await super.openUpload(blob, options);
    if (opened.kind === "mounted") {
      return opened;
    }
    const send = async (content: Content): Promise<void> => {
      await opened.upload.send(content);
      await late();
      this.beforeAnswer();
      this.#log.push("blob answered");
    };
    return { kind: "upload", upload: { ...opened.upload, send } };
  }

  override async pushManifest(manifest: Manifest, options?: PushOptions) {
    if (options?.tag === undefined) {
      await late();
    }
    this.#log.push(`PUT ${options?.tag ?? "child"}`);
    return super.pushManifest(manifest, options);
  }
}

function imageAt(end: MemoryRepository, name: string, tag?: string): Descriptor {
  const config = end.putBlob(Buffer.from(JSON.stringify({ name })), MEDIA.config);
  const layers = [end.putBlob(Buffer.from(`layer of ${name}`), MEDIA.layer)];
  return end.putManifest({ schemaVersion: 2, mediaType: MEDIA.manifest, config, layers }, tag);
}

/** Two ends, an image at the source, and all that is asked and written from now on. */
function scene() {
  const log: string[] = [];
  const [source, target] = [new End("source", log), new End("target", log)];
  const { digest } = imageAt(source, "app", "v1");
  const placements = memoryPlacements();
  const copy = (tag = "v1", more: Partial<TransferContext> = {}) =>
    copyTag(
      { source, target, tag, digest: source.tagged.get(tag) ?? "", override: false },
      { placements, signal: new AbortController().signal, onProgress: () => undefined, ...more },
    );
  /** Notes when it is entered and left; to leave takes as long as an answer. */
  const aloneAtTag = async (write: () => Promise<TransferOutcome>): Promise<TransferOutcome> => {
    log.push("alone");
    try {
      return await write();
    } finally {
      await late();
      log.push("given back");
    }
  };
  return { log, source, target, digest, copy, aloneAtTag };
}

const FIRST_LOOK = "target HEAD v1";
const LAST_LOOK = ["source HEAD v1", "target HEAD v1"];
const ANSWERS = ["blob answered", "blob answered"];

function failAtLastLook(asked: number): void {
  if (asked > 1) {
    throw refusal("HEAD");
  }
}

afterEach(() => void vi.useRealTimers());

describe("the last look at both ends", () => {
  test("is taken while the answers to the last bytes are awaited, once, and the tag is written after them", async () => {
    const { log, target, digest, copy } = scene();
    expect(await copy()).toEqual({ status: "copied", replacedDigest: undefined, moved: false });
    expect(log).toEqual([FIRST_LOOK, ...LAST_LOOK, ...ANSWERS, "PUT v1"]);
    expect(target.tagged.get("v1")).toBe(digest);
  });

  test("is not taken before the last child of an index is in place", async () => {
    const { log, source, copy } = scene();
    const manifests = ["one", "two"].map((name) => imageAt(source, name));
    source.putManifest({ schemaVersion: 2, mediaType: MEDIA.index, manifests }, "v1");
    await copy();
    expect(log.slice(-5)).toEqual(["PUT child", "PUT child", ...LAST_LOOK, "PUT v1"]);
    expect(log.filter((entry) => entry === "source HEAD v1")).toHaveLength(1);
  });

  test.each([
    [1_000, []],
    [1_001, LAST_LOOK],
  ])("where the answers take %d ms it is followed by %j", async (answerMs, again) => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const { log, target, copy } = scene();
    let answers = 0;
    target.beforeAnswer = () => {
      answers += 1;
      vi.advanceTimersByTime(answers === ANSWERS.length ? answerMs : 0);
    };
    expect((await copy()).status).toBe("copied");
    expect(log).toEqual([FIRST_LOOK, ...LAST_LOOK, ...ANSWERS, ...again, "PUT v1"]);
  });

  test("that was taken too long ago does not count: what somebody pushed after it stays", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const { log, target, copy } = scene();
    let theirs = "";
    target.beforeAnswer = () => {
      theirs = imageAt(target, "theirs", "v1").digest;
      vi.advanceTimersByTime(1_001);
    };
    expect(await copy()).toEqual({ status: "skipped", reason: "exists", moved: false });
    expect(target.tagged.get("v1")).toBe(theirs);
    expect(log).not.toContain("PUT v1");
  });

  test("that was taken too long ago does not count: a tag that has gone at the source since is not written", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const { source, target, copy } = scene();
    target.beforeAnswer = () => {
      source.tagged.delete("v1");
      vi.advanceTimersByTime(1_001);
    };
    expect(await copy()).toEqual({ status: "skipped", reason: "source-deleted", moved: false });
    expect(target.tagged.size).toBe(0);
  });

  test("that fails is told of when the content is in place, and no tag is written", async () => {
    const { log, source, target, copy } = scene();
    source.beforeResolve = () => {
      throw refusal("HEAD");
    };
    await expect(copy()).rejects.toMatchObject({ side: "source", operation: "resolve-tag", code: "DENIED" });
    expect(log).toEqual([FIRST_LOOK, ...LAST_LOOK, ...ANSWERS]);
    expect(target.tagged.size).toBe(0);
  });
});

describe("whoever has a tag for itself", () => {
  test("has it once, looks while it has it, and gives it back when the tag is written", async () => {
    const { log, source, digest, copy, aloneAtTag } = scene();
    source.tagged.set("v2", digest);
    await copy("v1", { aloneAtTag });
    expect(log).toEqual([FIRST_LOOK, "alone", ...LAST_LOOK, ...ANSWERS, "PUT v1", "given back"]);
    log.length = 0;
    // Its content is in place by now.
    await copy("v2", { aloneAtTag });
    expect(log.slice(log.indexOf("alone"))).toEqual([
      ...["alone", "source HEAD v2", "target HEAD v2"],
      ...["PUT v2", "given back"],
    ]);
  });

  test("still has it while it looks once more", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const { log, target, copy, aloneAtTag } = scene();
    target.beforeAnswer = () => void vi.advanceTimersByTime(1_001);
    await copy("v1", { aloneAtTag });
    const written = [...LAST_LOOK, "PUT v1", "given back"];
    expect(log).toEqual([FIRST_LOOK, "alone", ...LAST_LOOK, ...ANSWERS, ...written]);
  });

  test.each([
    ["the look found nothing", () => undefined],
    ["the look failed as well", failAtLastLook],
  ])("gives it back before it tells that the content failed; %s", async (_look, beforeResolve) => {
    const { log, target, copy, aloneAtTag } = scene();
    target.beforeResolve = beforeResolve;
    target.beforeAnswer = () => {
      throw refusal("PUT");
    };
    const failing = copy("v1", { aloneAtTag }).finally(() => log.push("told"));
    await expect(failing).rejects.toMatchObject({ side: "target", operation: "push-blob", code: "DENIED" });
    expect(log).toEqual([FIRST_LOOK, "alone", ...LAST_LOOK, "given back", "told"]);
    expect(target.tagged.size).toBe(0);
  });

  test("and could not have it writes nothing, and tells why", async () => {
    const { log, copy } = scene();
    const lost = new Error("the lease is lost");
    await expect(copy("v1", { aloneAtTag: () => Promise.reject(lost) })).rejects.toBe(lost);
    expect(log).toEqual([FIRST_LOOK, ...ANSWERS]);
  });

  test("has never had it where content fails before its last byte", async () => {
    const { log, source, copy, aloneAtTag } = scene();
    source.blobs.clear();
    await expect(copy("v1", { aloneAtTag })).rejects.toMatchObject({ side: "source" });
    expect(log).not.toContain("alone");
  });
});
