/** What a registry tells of itself without being asked for it. */
export interface SelfPortrait {
  /** Headers of the answer to `/v2/`, by lower-case name. */
  headers: ReadonlyMap<string, string>;
  /** `service` of its token challenge. */
  service: string | undefined;
}

const VERSION = /\d+(?:\.\d+)*/;

/** A header whose presence, or whose beginning, only one product sends. */
const BY_HEADER: readonly { header: string; begins?: RegExp; name: string; versioned: boolean }[] = [
  { header: "x-jfrog-version", name: "Artifactory", versioned: true },
  { header: "gitlab-container-registry-version", name: "GitLab", versioned: true },
  { header: "server", begins: /^nexus\//i, name: "Nexus", versioned: true },
  {
    header: "server",
    begins: /^azurecontainerregistry/i,
    name: "Azure Container Registry",
    versioned: false,
  },
  { header: "x-github-request-id", name: "GitHub Container Registry", versioned: false },
];

const BY_SERVICE: Readonly<Record<string, string>> = {
  "harbor-registry": "Harbor",
  "registry.docker.io": "Docker Hub",
  "ghcr.io": "GitHub Container Registry",
  "quay.io": "Quay",
};

/** The product, with its version where it says so: `Nexus 3.70.1`. @returns null when nothing gives it away */
export function softwareOf({ headers, service }: SelfPortrait): string | null {
  for (const { header, begins, name, versioned } of BY_HEADER) {
    const value = headers.get(header);
    if (value !== undefined && (begins === undefined || begins.test(value))) {
      const version = versioned ? VERSION.exec(value)?.[0] : undefined;
      return version === undefined ? name : `${name} ${version.slice(0, 32)}`;
    }
  }
  return (service !== undefined && BY_SERVICE[service]) || null;
}
