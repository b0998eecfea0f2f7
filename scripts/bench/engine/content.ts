import { type Artifact, image, index, type Layer, piece, seededBytes } from "../../../lib/testing/content.ts";
import { tar } from "../../../lib/testing/tar.ts";

/** What one tag names. */
export interface Tagged {
  readonly repository: string;
  readonly tag: string;
  readonly artifact: Artifact;
}

/** Every repository of a workload lies below it. */
export const NAMESPACE = "bench";

const MB = 1_000_000;
const ARM = { os: "linux", architecture: "arm64" };

/** An archive that is not compressed: the same bytes with any zlib, and nothing is spent on packing what cannot be packed. */
function plainLayer(seed: string, sizeBytes: number): Layer {
  const path = `opt/${seed.replaceAll("/", "-")}`;
  const archive = piece(
    "application/vnd.oci.image.layer.v1.tar",
    tar([{ path, content: seededBytes(seed, sizeBytes) }]),
  );
  return { ...archive, diffId: archive.digest };
}

/** How many repositories share a base, how many bases there are, and what a layer has where it is to have a megabyte. */
export interface AppsSize {
  readonly families: number;
  readonly members: number;
  readonly megabyte: number;
}

/**
 * W1 and W2: 40 repositories of 5 tags, four of them images and one an index of two. Ten repositories share a base; a layer is
 * shared by all, one by the tags of a repository, and each image has one of its own.
 */
export function* apps(
  seed: number,
  size: AppsSize = { families: 4, members: 10, megabyte: MB },
): Generator<Tagged> {
  const { families, members, megabyte } = size;
  const entry = plainLayer(`${seed}/entry`, 2_000);
  for (let family = 0; family < families; family++) {
    const base = (name: string, mb: number) => plainLayer(`${seed}/base${family}/${name}`, mb * megabyte);
    const amd = [base("a", 26), base("b", 8), base("c", 2)];
    const arm = [base("d", 12), base("e", 4)];
    for (let member = 0; member < members; member++) {
      const name = `app${family}${member}`;
      const shared = plainLayer(`${seed}/${name}/packages`, 4 * megabyte);
      const own = (tag: string, below: Layer[], platform?: typeof ARM) => {
        const layers = [...below, entry, shared, plainLayer(`${seed}/${name}/${tag}`, 1.5 * megabyte)];
        return image({ layers, config: { Labels: { tag, name } }, ...(platform ? { platform } : {}) });
      };
      const repository = `${NAMESPACE}/${name}`;
      for (const tag of ["v1", "v2", "v3", "v4"]) {
        yield { repository, tag, artifact: own(tag, amd) };
      }
      yield { repository, tag: "v5", artifact: index([own("v5", amd), own("v5-arm", arm, ARM)]) };
    }
  }
}

/** W4: one repository, 300 images of a config and a layer of 2 kB, ten tags each. */
export function* tags(seed: number, images = 300): Generator<Tagged> {
  for (let build = 0; build < images; build++) {
    const name = `build${String(build).padStart(3, "0")}`;
    const artifact = image({ layers: [plainLayer(`${seed}/${name}`, 2_000)], config: { Labels: { name } } });
    for (let alias = 0; alias < 10; alias++) {
      yield {
        repository: `${NAMESPACE}/tags`,
        tag: `${name}-${alias}`,
        // What was pushed under its first tag is there.
        artifact: alias === 0 ? artifact : { manifest: artifact.manifest, blobs: [], children: [] },
      };
    }
  }
}

/** W5: 3 repositories of 5 tags on one base, 75 MB; or `times` as many. A layer has `megabyte` bytes where it is to have a megabyte. */
export function* few(seed: number, times = 1, megabyte = MB): Generator<Tagged> {
  const base = [9, 4, 2].map((mb) => plainLayer(`${seed}/few/base${mb}`, mb * megabyte));
  const names = Array.from({ length: times }, (_, n) =>
    ["web", "api", "jobs"].map((name) => name + (n || "")),
  );
  for (const name of names.flat()) {
    for (const tag of ["v1", "v2", "v3", "v4", "v5"]) {
      const own = [3, 1].map((mb) => plainLayer(`${seed}/${name}/${tag}/${mb}`, mb * megabyte));
      const artifact = image({ layers: [...base, ...own], config: { Labels: { name, tag } } });
      yield { repository: `${NAMESPACE}/${name}`, tag, artifact };
    }
  }
}
