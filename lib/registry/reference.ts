/**
 * Grammar of repository names and tags. Pure: the browser and lib/schemas import it.
 * OCI distribution-spec v1.1.1, "Pulling manifests".
 */
const COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const REPOSITORY_NAME = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const DIGEST_TAG = /^sha(?:256-[0-9a-f]{64}|512-[0-9a-f]{64}(?:[0-9a-f]{64})?)(?:\.(?:sig|att|sbom))?$/;

/** Many servers limit host and name together to 255 characters; a name alone can never be longer. */
const REPOSITORY_NAME_MAX = 255;

/** True for a repository path such as `team/app`. */
export function isRepositoryName(name: string): boolean {
  return name.length <= REPOSITORY_NAME_MAX && REPOSITORY_NAME.test(name);
}

export function isTag(tag: string): boolean {
  return TAG.test(tag);
}

/**
 * True for the tags that signatures and referrers live under (`sha256-<hex>`, `.sig`, `.att`, `.sbom`): they belong to
 * the manifest that the digest names and are no tags of a user.
 * OCI distribution-spec v1.1.1, "Referrers Tag Schema"; cosign, "Signature Specification".
 */
export function isDigestTag(tag: string): boolean {
  return DIGEST_TAG.test(tag);
}
