/** Pure: the browser and the engine take it without zod. */

/**
 * Which platforms of an index are copied. `sparse`: the index as it is, with only these of its images, so that its digest stays.
 * `single`: the one image under the tag, without its index.
 */
export interface PlatformChoice {
  mode: PlatformMode;
  /** `os/architecture` or `os/architecture/variant`; exactly one where the mode is `single`. */
  names: string[];
}

export const PLATFORM_MODES = ["sparse", "single"] as const;
export type PlatformMode = (typeof PLATFORM_MODES)[number];

/** More than any index holds. */
export const MOST_PLATFORMS = 32;

/** OCI image-spec v1.1.1, "Image Index", platform: values of GOOS and GOARCH, and a variant of the architecture. */
export const PLATFORM_NAME = /^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9_.-]+)?$/;

/** `linux/amd64, linux/arm64` as it is typed. */
export function platformNames(text: string): string[] {
  return [...new Set(text.split(/[\s,，、;；]+/u).filter((name) => name !== ""))];
}
