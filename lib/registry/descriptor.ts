/**
 * The descriptor of content: type, digest and size.
 * OCI image-spec v1.1.1, "Content Descriptors".
 */
export interface Descriptor {
  mediaType: string;
  digest: string;
  /** Bytes. */
  size: number;
  platform?: Platform;
  artifactType?: string;
  annotations?: Record<string, string>;
  urls?: string[];
  /** The content itself in base64, as the manifest carries it; not verified. */
  data?: string;
}

/** OCI image-spec v1.1.1, "Image Index", platform. Entries may lack it. */
export interface Platform {
  architecture: string;
  os: string;
  "os.version"?: string;
  variant?: string;
}
