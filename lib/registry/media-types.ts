/** Media types that the engine knows. Every other type is carried all the same. Pure: lib/schemas imports it. */
export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
export const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
export const OCI_ARTIFACT_MANIFEST = "application/vnd.oci.artifact.manifest.v1+json";
export const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
export const DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
export const OCI_IMAGE_CONFIG = "application/vnd.oci.image.config.v1+json";
export const DOCKER_IMAGE_CONFIG = "application/vnd.docker.container.image.v1+json";
export const HELM_CONFIG = "application/vnd.cncf.helm.config.v1+json";

const INDEXES: ReadonlySet<string> = new Set([OCI_INDEX, DOCKER_LIST]);
const MANIFESTS: ReadonlySet<string> = new Set([OCI_MANIFEST, DOCKER_MANIFEST, OCI_ARTIFACT_MANIFEST]);

/** What to ask for when a manifest is wanted: every type we can carry. */
export const MANIFEST_ACCEPT = [...MANIFESTS, ...INDEXES].join(", ");

/** True for an image index or a Docker manifest list: its children are manifests. */
export function isIndex(mediaType: string): boolean {
  return INDEXES.has(mediaType);
}

/** Docker schema 1, which no digest vouches for as a whole: it is refused. */
export function isSchema1(mediaType: string): boolean {
  return /^application\/vnd\.docker\.distribution\.manifest\.v1\+/.test(mediaType);
}

/** True for everything that is stored under /manifests/: manifests and indexes. */
export function isManifest(mediaType: string): boolean {
  return MANIFESTS.has(mediaType) || INDEXES.has(mediaType);
}

/**
 * True for layers whose bytes a registry may lack on purpose. The type decides, not `urls` (T29); whether the source
 * has the bytes all the same is for the copy to find out. OCI image-spec v1.1.1, "Non-Distributable Layers".
 */
export function isForeignLayer(mediaType: string): boolean {
  return (
    mediaType.startsWith("application/vnd.docker.image.rootfs.foreign.diff.tar") ||
    mediaType.startsWith("application/vnd.oci.image.layer.nondistributable.")
  );
}

/** What a user calls the content. A chart is known by its config alone; everything else counts as an image. */
export type ResourceKind = "image" | "chart";

/** @param configMediaType of a manifest; undefined for an index, which is an image */
export function resourceKind(configMediaType: string | undefined): ResourceKind {
  return configMediaType === HELM_CONFIG ? "chart" : "image";
}
