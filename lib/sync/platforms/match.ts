import type { Platform } from "../../registry/descriptor.ts";

/** Variants that a platform has when it names none, as containerd normalises them. */
const USUAL_VARIANT: Readonly<Record<string, string>> = { arm64: "v8", arm: "v7", amd64: "v1" };

/**
 * Whether an image is for one of the platforms that were asked for. `linux/arm` means every variant, `linux/arm/v7` that one;
 * `linux/arm64` and `linux/arm64/v8` are the same.
 */
export function isForPlatform(names: readonly string[], { os, architecture, variant }: Platform): boolean {
  const usual = USUAL_VARIANT[architecture] ?? "";
  return names.some((name) => {
    const [askedOs, askedArchitecture, askedVariant] = name.split("/");
    return (
      askedOs === os &&
      askedArchitecture === architecture &&
      (askedVariant === undefined || askedVariant === (variant || usual))
    );
  });
}

/** The platform that an image config states; null where it states none. OCI image-spec v1.1.1, "Image Configuration". */
export function platformOfConfig(config: Uint8Array): Platform | null {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(config));
  } catch {
    return null;
  }
  const { os, architecture, variant } = (body ?? {}) as Record<string, unknown>;
  return typeof os === "string" && typeof architecture === "string" && os !== "" && architecture !== ""
    ? { os, architecture, ...(typeof variant === "string" ? { variant } : {}) }
    : null;
}
