import type { Descriptor } from "../../registry/descriptor.ts";
import type { Manifest, Repository, RequestOptions } from "../../registry/repository.ts";
import { step } from "../errors.ts";
import type { ContentReader } from "./narrow.ts";

/** An image config is a page of JSON; a larger one is not read to learn a platform. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/** Reads at the source what tells of platforms. @param manifest reads a manifest, perhaps one that is remembered */
export function contentReader(
  source: Repository,
  options: RequestOptions,
  manifest: (digest: string) => Promise<Manifest>,
): ContentReader {
  return { manifest, config: (config) => readConfig(source, config, options) };
}

/** @throws {CopyError} */
function readConfig(
  source: Repository,
  config: Descriptor,
  options: RequestOptions,
): Promise<Uint8Array | null> {
  if (config.size > MAX_CONFIG_BYTES) {
    return Promise.resolve(null);
  }
  return step({ operation: "fetch-blob", side: "source", digest: config.digest }, async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of await source.fetchBlob(config, options)) {
      // A chunk may be emptied once it was handed on: what is kept is a copy.
      chunks.push(Buffer.from(chunk));
    }
    return Buffer.concat(chunks);
  });
}
