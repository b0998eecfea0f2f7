import type { Descriptor } from "../../registry/descriptor.ts";
import { ContentError, RegistryError } from "../../registry/errors.ts";
import type { Manifest } from "../../registry/repository.ts";
import { isObject, parseBody } from "../../registry/successors.ts";
import { copyChildren, pushManifest, readManifest } from "../copy-graph.ts";
import { CopyError, step } from "../errors.ts";
import { aloneAtDigestTag, type Walk } from "../walk.ts";
import { listUnderSubject } from "./add-to-list.ts";
import type { ReferrersRun } from "./referrers-run.ts";

/**
 * Brings what cosign keeps under a digest tag. Each signature that is added makes another manifest of the tag: one at the target
 * is replaced when the source's holds all that it holds, or when the rule overwrites; else it stays, for somebody signed there.
 * @returns what the tag names at the source; nothing when it is gone
 * @throws {CopyError}
 */
export async function bringDigestTag(tag: string, subject: string, run: ReferrersRun): Promise<Descriptor[]> {
  const { walk, override } = run;
  const { source, target, signal } = walk;
  const [named, standing] = await Promise.all([
    step({ operation: "resolve-tag", side: "source" }, () => source.resolve(tag, { signal })),
    step({ operation: "resolve-tag", side: "target" }, () => target.resolve(tag, { signal })),
  ]);
  if (!named) {
    return [];
  }
  const row = { digest: named.digest, subject, artifactType: null, tag };
  if (standing?.digest === named.digest) {
    run.note({ ...row, state: "standing" });
    return [named];
  }
  const manifest = await readManifest({ digest: named.digest }, walk);
  if (standing && !override && !(await holdsAllOf(manifest, standing.digest, walk))) {
    run.note({ ...row, state: "kept" });
    return [];
  }
  // Somebody may have signed at the target since we looked: the same as with every tag, it is asked again.
  const mayWrite = async () => override || (await namesAt(tag, walk)) === standing?.digest;
  const write = async () => {
    const may = await mayWrite();
    if (may) {
      const pushed = await pushManifest(manifest, walk, tag);
      await listUnderSubject(manifest, pushed, walk);
    }
    return may;
  };
  const written = await pushUnder(manifest, walk, () => aloneAtDigestTag(walk, tag, write));
  run.note({ ...row, state: written ? "copied" : "kept" });
  return written ? [named] : [];
}

async function namesAt(tag: string, { target, signal }: Walk): Promise<string | undefined> {
  const named = await step({ operation: "resolve-tag", side: "target" }, () =>
    target.resolve(tag, { signal }),
  );
  return named?.digest;
}

/** @returns whether it was written */
async function pushUnder(manifest: Manifest, walk: Walk, write: () => Promise<boolean>): Promise<boolean> {
  const { digest, size } = manifest.descriptor;
  const { placements, target, begin } = walk;
  const claim = await placements.claim(digest, target.name, { signal: begin, mountable: false });
  if (claim.kind === "placed") {
    return write();
  }
  let placed = false;
  try {
    await copyChildren(manifest, walk);
    placed = await write();
    walk.report({ copied: placed ? size : 0 });
    return placed;
  } finally {
    await (placed ? claim.placed() : claim.abandoned());
  }
}

/** Whether every layer that the target's manifest names, with its annotations, is one of this manifest's. */
export async function holdsAllOf(
  manifest: Manifest,
  standing: string,
  { target, signal }: Walk,
): Promise<boolean> {
  const theirs = await ifReadable(() =>
    step({ operation: "fetch-manifest", side: "target", digest: standing }, async () =>
      layersOf(await target.fetchManifest(standing, { signal })),
    ),
  );
  const { digest } = manifest.descriptor;
  const ours = await step({ operation: "read-manifest", side: "source", digest }, async () =>
    layersOf(manifest),
  );
  const held = new Set(ours);
  return theirs?.every((layer) => held.has(layer)) ?? false;
}

/** What is gone or no manifest can be neither compared nor missed; it is left alone. */
async function ifReadable<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    const cause = error instanceof CopyError ? error.cause : null;
    if (cause instanceof ContentError || (cause instanceof RegistryError && cause.status === 404)) {
      return null;
    }
    throw error;
  }
}

/** A signature is a layer, what signs it an annotation of that. @throws {ContentError} */
function layersOf(manifest: Manifest): string[] {
  const { layers } = parseBody(manifest.bytes);
  return (Array.isArray(layers) ? layers : []).map((layer) =>
    isObject(layer) ? JSON.stringify([layer.digest, layer.annotations]) : "",
  );
}
