import type { Descriptor, Platform } from "../../registry/descriptor.ts";
import { DOCKER_IMAGE_CONFIG, isIndex, isManifest, OCI_IMAGE_CONFIG } from "../../registry/media-types.ts";
import type { Manifest } from "../../registry/repository.ts";
import { entriesOf, MAX_DEPTH, successors } from "../../registry/successors.ts";
import type { PlatformChoice } from "../../schemas/platform.ts";
import { isForPlatform, platformOfConfig } from "./match.ts";

/** Of an index that is copied in part, by its digest: which of its entries are. */
export type Kept = ReadonlyMap<string, ReadonlySet<string>>;

/** Of the parts of a manifest, those that are copied. */
export function keptOf<Part extends { digest: string }>(
  parts: readonly Part[],
  digest: string,
  kept: Kept | undefined,
): readonly Part[] {
  const wanted = kept?.get(digest);
  return wanted ? parts.filter((part) => wanted.has(part.digest)) : parts;
}

/** What a choice of platforms makes of what a tag names. */
export type Narrowed =
  /** It is copied as it is: no image, or one for a platform that was asked for. */
  | { kind: "as-is" }
  /** The index with some of its entries. `manifests`: every manifest below it that has to be at the target. */
  | { kind: "parts"; kept: Kept; manifests: readonly string[] }
  /** One image in the place of its index. */
  | { kind: "image"; image: Pick<Descriptor, "digest" | "mediaType" | "size"> }
  /** Nothing of it is for a platform that was asked for. */
  | { kind: "absent" };

/** Everything of an index, to be looked for at the target. */
export type Narrowing = PlatformChoice | { mode: "whole"; names: readonly [] };

/** Where the content is read: at the source, or at a target that has the same. */
export interface ContentReader {
  manifest(digest: string): Promise<Manifest>;
  /** The bytes of an image config; null where they are too many. */
  config(config: Descriptor): Promise<Uint8Array | null>;
}

/** buildx: the entry that this one belongs to. */
const REFERENCE = "vnd.docker.reference.digest";
const IMAGE_CONFIGS: ReadonlySet<string> = new Set([OCI_IMAGE_CONFIG, DOCKER_IMAGE_CONFIG]);

/** What content makes of a choice never changes: a process finds out once, so that a comparison does not read every index again. */
const known = new Map<string, Narrowed>();
const MAX_KNOWN = 4_096;

/**
 * Applies a choice of platforms to what a tag names. Of an index: the entries for these platforms, in indexes below it too, with
 * the attestations that refer to them and what is no image; for `single` the first such image alone. Of an image: itself, where
 * its config states such a platform or none. Charts and other artifacts are for every platform.
 * @throws what reading throws; {ContentError} UNREADABLE_MANIFEST
 */
export async function narrow(
  choice: Narrowing,
  { digest, mediaType }: { digest: string; mediaType?: string | undefined },
  reader: ContentReader,
): Promise<Narrowed> {
  const key = `${choice.mode} ${choice.names.join(" ")} ${digest}`;
  const remembered = known.get(key);
  if (remembered) {
    return remembered;
  }
  const manifest = await reader.manifest(digest);
  const narrowed = isIndex(mediaType ?? manifest.descriptor.mediaType)
    ? await narrowIndex(choice, manifest, reader)
    : await narrowImage(choice, manifest, reader);
  known.set(key, narrowed);
  const oldest = known.size > MAX_KNOWN ? known.keys().next().value : undefined;
  if (oldest !== undefined) {
    known.delete(oldest);
  }
  return narrowed;
}

async function narrowImage(choice: Narrowing, image: Manifest, reader: ContentReader): Promise<Narrowed> {
  const platform = choice.mode === "whole" ? null : await platformOf(image, reader);
  return { kind: !platform || isForPlatform(choice.names, platform) ? "as-is" : "absent" };
}

/** What the config of an image states; null: it is no image, or states nothing. */
async function platformOf(image: Manifest, reader: ContentReader): Promise<Platform | null> {
  const [config] = successors(image);
  const bytes = config && IMAGE_CONFIGS.has(config.mediaType) ? await reader.config(config) : null;
  return bytes && platformOfConfig(bytes);
}

async function narrowIndex(choice: Narrowing, index: Manifest, reader: ContentReader): Promise<Narrowed> {
  const found: Found = { kept: new Map(), manifests: new Set(), images: [], looked: new Map() };
  const worth = await lookInto(index, { choice, reader, found }, 0);
  const [first] = found.images;
  if (worth === "other") {
    return { kind: "absent" };
  }
  if (choice.mode === "single") {
    return first
      ? { kind: "image", image: { digest: first.digest, mediaType: first.mediaType, size: first.size } }
      : { kind: "as-is" };
  }
  return { kind: "parts", kept: found.kept, manifests: [...found.manifests] };
}

interface Found {
  kept: Map<string, ReadonlySet<string>>;
  manifests: Set<string>;
  /** For the platforms that were asked for, in the order of the index. */
  images: Descriptor[];
  /** Indexes by digest: each is looked into once, however many name it, or a few small ones would take for ever. */
  looked: Map<string, Worth>;
}

interface Look {
  choice: Narrowing;
  reader: ContentReader;
  found: Found;
}

/** `asked`: for a platform that was asked for; `other`: only for others; `none`: for every platform. */
type Worth = "asked" | "other" | "none";

/** One image may be named for several platforms: that it was asked for once is enough. */
const RANK: Readonly<Record<Worth, number>> = { other: 0, none: 1, asked: 2 };

/** Notes which entries of an index are wanted. */
async function lookInto(index: Manifest, look: Look, depth: number): Promise<Worth> {
  const { found } = look;
  const entries = entriesOf(index);
  const worths = new Map<string, Worth>();
  for (const entry of entries.filter((each) => subjectOf(each) === undefined)) {
    const named = worths.get(entry.digest);
    const own = await worthOf(entry, look, depth);
    worths.set(entry.digest, named && RANK[named] > RANK[own] ? named : own);
  }
  const all = [...worths.values()];
  const worth = all.includes("asked") ? "asked" : all.includes("other") ? "other" : "none";
  const wanted = entries.filter((entry) => {
    const own = worths.get(subjectOf(entry) ?? entry.digest);
    // An attestation of something that is not in this index, and what is for every platform, come along.
    return own === undefined || own === "none" ? worth !== "other" : own === "asked";
  });
  if (wanted.length < entries.length) {
    found.kept.set(index.descriptor.digest, new Set(wanted.map(({ digest }) => digest)));
  }
  for (const { digest, mediaType } of wanted) {
    if (isManifest(mediaType)) {
      found.manifests.add(digest);
    }
  }
  return worth;
}

/** What an attestation of buildx in the same index refers to. */
function subjectOf({ annotations }: Descriptor): string | undefined {
  return annotations?.[REFERENCE];
}

async function worthOf(entry: Descriptor, look: Look, depth: number): Promise<Worth> {
  const { choice, reader, found } = look;
  if (isIndex(entry.mediaType)) {
    const known = found.looked.get(entry.digest);
    if (known !== undefined || depth >= MAX_DEPTH) {
      return known ?? "none";
    }
    const worth = await lookInto(await reader.manifest(entry.digest), look, depth + 1);
    found.looked.set(entry.digest, worth);
    return worth;
  }
  if (choice.mode === "whole" || !isManifest(entry.mediaType)) {
    return "none";
  }
  // An entry need not say what it is for (T16): then its config does.
  const platform = entry.platform ?? (await platformOf(await reader.manifest(entry.digest), reader));
  if (!platform) {
    return "none";
  }
  if (!isForPlatform(choice.names, platform)) {
    return "other";
  }
  found.images.push(entry);
  return "asked";
}
