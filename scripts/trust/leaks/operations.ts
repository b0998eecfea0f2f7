import type { Registry } from "../../../lib/registry/repository.ts";
import { digestOf } from "../../../lib/registry/verify.ts";
import { descriptorOf, piece } from "../../../lib/testing/content.ts";

const BLOB = piece("application/octet-stream", "the bytes of a blob");
const MANIFEST = piece("application/vnd.oci.image.manifest.v1+json", '{"schemaVersion":2}');
const blob = { ...descriptorOf(BLOB), digest: digestOf(BLOB.bytes) };
const manifest = { descriptor: descriptorOf(MANIFEST), bytes: MANIFEST.bytes };

async function readAll(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const page of pages) {
    void page;
  }
}

async function* content(): AsyncGenerator<Uint8Array> {
  yield Uint8Array.from(BLOB.bytes);
}

/** Everything that is ever asked of a registry. A fix that covers the pull only is none (docker/model-runner#1038). */
export const OPERATIONS: Readonly<Record<string, (registry: Registry) => Promise<unknown>>> = {
  "test the connection": (registry) => registry.check(),
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
