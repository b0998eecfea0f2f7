import { expect, test } from "vitest";
import { MemoryRegistry, type MemoryRepository } from "../registry/memory-repository.ts";
import type { OpenedUpload } from "../registry/repository.ts";
import { MEDIA } from "../testing/content.ts";
import { copyTag } from "./copy-tag.ts";
import { memoryPlacements } from "./placements.ts";
import type { TransferContext } from "./transfer.ts";

function imageAt(repository: MemoryRepository, name: string, tag?: string): string {
  const config = repository.putBlob(Buffer.from(JSON.stringify({ name })), MEDIA.config);
  return repository.putManifest({ schemaVersion: 2, mediaType: MEDIA.manifest, config, layers: [] }, tag)
    .digest;
}

/** Two ends; `intrude` happens when the target has all bytes and has not said so. */
function scene(intrude: (target: MemoryRepository) => void) {
  const source = new MemoryRegistry("memory://source").repository("team/app");
  const target = new MemoryRegistry("memory://target").repository("team/app");
  const openUpload = target.openUpload.bind(target);
  target.openUpload = async (...asked): Promise<OpenedUpload> => {
    const opened = await openUpload(...asked);
    if (opened.kind === "mounted") {
      return opened;
    }
    const send: typeof opened.upload.send = async (content) => {
      await opened.upload.send(content);
      intrude(target);
    };
    return { kind: "upload", upload: { ...opened.upload, send } };
  };
  return { source, target, digest: imageAt(source, "ours", "v1") };
}

test.each<[string, TransferContext["aloneAtTag"]]>([
  ["alone", undefined],
  ["beside others of ours", (write) => write()],
])("what somebody writes before the last byte is answered is kept: %s", async (_who, aloneAtTag) => {
  const { source, target, digest } = scene((end) => imageAt(end, "theirs", "v1"));
  const outcome = await copyTag(
    { source, target, tag: "v1", digest, override: false },
    {
      ...{ placements: memoryPlacements(), signal: new AbortController().signal, aloneAtTag },
      onProgress: () => undefined,
    },
  );
  expect(outcome).toMatchObject({ status: "skipped", reason: "exists" });
  expect(target.tagged.get("v1")).not.toBe(digest);
});
