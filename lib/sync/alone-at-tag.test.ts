import { setImmediate as turn } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { MemoryRegistry, type MemoryRepository } from "../registry/memory-repository.ts";
import type { OpenedUpload } from "../registry/repository.ts";
import { MEDIA } from "../testing/content.ts";
import { copyTag } from "./copy-tag.ts";
import { memoryPlacements } from "./placements.ts";
import type { TransferContext, TransferRequest } from "./transfer.ts";

/** Whoever waits longer than this waits for itself. */
const MOST_TURNS = 2_000;

/** Locks of tags as a worker has them: none of them can be had twice, by whomever. */
function locks() {
  const held = new Set<string>();
  return async <T>(tag: string, write: () => Promise<T>): Promise<T> => {
    for (let turns = 0; held.has(tag); turns += 1) {
      if (turns > MOST_TURNS) {
        throw new Error(`waits for ${tag}, which nobody gives up`);
      }
      await turn();
    }
    held.add(tag);
    try {
      return await write();
    } finally {
      held.delete(tag);
    }
  };
}

const ends = () => ({
  source: new MemoryRegistry("memory://source").repository("team/app"),
  target: new MemoryRegistry("memory://target").repository("team/app"),
});

/** Of an image of its own, or of what refers to `subject`. */
function put(source: MemoryRepository, tag: string, subject?: string): string {
  const config = source.putBlob(Buffer.from("{}"), MEDIA.config);
  const refers = subject && { subject: { mediaType: MEDIA.manifest, digest: subject, size: 3 } };
  const body = { schemaVersion: 2, mediaType: MEDIA.manifest, config, layers: [], ...refers };
  return source.putManifest(body, tag).digest;
}

function copy(
  request: Pick<TransferRequest, "source" | "target" | "tag" | "digest"> & Partial<TransferRequest>,
  context: Partial<TransferContext> = {},
) {
  const alone = locks();
  return copyTag(
    { override: false, ...request },
    {
      placements: memoryPlacements(),
      signal: new AbortController().signal,
      onProgress: () => undefined,
      aloneAtTag: (write) => alone(request.tag, write),
      aloneAtDigestTag: alone,
      ...context,
    },
  );
}

afterEach(() => {
  vi.useRealTimers();
});

test("a tag that a list of referrers is kept under does not wait for itself", async () => {
  const { source, target } = ends();
  const subject = `sha256:${"a".repeat(64)}`;
  const tag = subject.replace(":", "-");
  const digest = put(source, tag, subject);
  const outcome = await copy({ source, target, tag, digest, referrers: { digestTags: null } });
  expect(outcome.status).toMatch(/^(copied|up-to-date|skipped)$/);
});

test("nor does one that names its own signature", async () => {
  const { source, target } = ends();
  const digest = put(source, "v1");
  const tag = `${digest.replace(":", "-")}.sig`;
  source.tagged.set(tag, digest);
  const outcome = await copy({ source, target, tag, digest, referrers: { digestTags: null } });
  expect(outcome.status).toMatch(/^(copied|up-to-date|skipped)$/);
});

test("what was seen at the source counts for a second, however long the last answer takes", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const { source, target } = ends();
  const digest = put(source, "v1");
  const seenAtMs = performance.now();
  vi.advanceTimersByTime(900);
  const openUpload = target.openUpload.bind(target);
  target.openUpload = async (...asked): Promise<OpenedUpload> => {
    const opened = await openUpload(...asked);
    if (opened.kind === "mounted") {
      return opened;
    }
    const send: typeof opened.upload.send = async (content) => {
      await opened.upload.send(content);
      // Time for a look; then it is too old, and the tag is gone.
      await turn();
      source.tagged.delete("v1");
      vi.advanceTimersByTime(950);
    };
    return { kind: "upload", upload: { ...opened.upload, send } };
  };
  const outcome = await copy({ source, target, tag: "v1", digest, seenAtMs });
  expect(outcome).toMatchObject({ status: "skipped", reason: "source-deleted" });
  expect(target.tagged.has("v1")).toBe(false);
});
