import { RegistryError } from "../../registry/errors.ts";
import { MemoryRegistry, type MemoryRepository } from "../../registry/memory-repository.ts";
import { type Deleting, type PlacedTag, prepareDeletion, type ReadyDeletion } from "./prepare-deletion.ts";
import { SharedDigests } from "./sharing.ts";

export const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
export const INDEX = "application/vnd.oci.image.index.v1+json";
export const signal = new AbortController().signal;

export function repository(): MemoryRepository {
  return new MemoryRegistry().repository("team/app");
}

/** A manifest that nothing else is like, under these tags. */
export function put(held: MemoryRepository, name: string, ...tags: string[]): PlacedTag {
  const config = held.putBlob(new TextEncoder().encode(name));
  let digest = "";
  for (const tag of tags) {
    digest = held.putManifest({ schemaVersion: 2, mediaType: MANIFEST, config, layers: [] }, tag).digest;
  }
  return { tag: tags[0] ?? "", digest };
}

/** As whoever deletes one tag of it. */
export const how = (held: MemoryRepository): Deleting => ({ shared: new SharedDigests(held), signal });

export const ready = (held: MemoryRepository, placed: PlacedTag) => readyWith(held, placed, how(held));

export async function readyWith(
  held: MemoryRepository,
  placed: PlacedTag,
  steps: Deleting,
): Promise<ReadyDeletion> {
  const prepared = await prepareDeletion(held, placed, steps);
  if (prepared.kind !== "ready") {
    throw new Error(prepared.kind);
  }
  return prepared;
}

/** Deletes by digest only, as 2.8.3 does. */
export function digestOnly(held: MemoryRepository): MemoryRepository {
  const remove = held.deleteManifest.bind(held);
  held.deleteManifest = async (reference, options) => {
    if (!reference.startsWith("sha256:")) {
      await options?.beforeSending?.();
      throw refused(400, "DIGEST_INVALID");
    }
    await remove(reference, options);
  };
  return held;
}

export const refused = (status: number, code: "DIGEST_INVALID" | "UNSUPPORTED" | "DENIED") =>
  new RegistryError({ code, status, method: "DELETE", url: "memory://registry", detail: "" });
