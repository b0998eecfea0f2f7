import { isRepositoryName } from "../registry/reference.ts";

/** A name at the target would break the grammar of repository names (T4). */
export class DestinationError extends Error {
  override readonly name = "DestinationError";
  readonly code = "NAME_INVALID";
  readonly repository: string;

  constructor(repository: string) {
    super(`NAME_INVALID: ${repository} is not a valid repository name`);
    this.repository = repository;
  }
}

/**
 * The repository's path below its namespace, or null when it is not in that namespace.
 * '' is the root: repositories without a slash.
 */
export function pathBelow(repository: string, namespace: string): string | null {
  if (namespace === "") {
    return repository.includes("/") ? null : repository;
  }
  return repository.startsWith(`${namespace}/`) ? repository.slice(namespace.length + 1) : null;
}

/**
 * Where a source repository goes: the same path below the target namespace.
 * @param targetNamespace null is the same as the source, '' the root
 * @throws {DestinationError} when the result is no repository name, or the repository is not in its namespace
 */
export function targetRepository(
  sourceRepository: string,
  sourceNamespace: string,
  targetNamespace: string | null,
): string {
  const path = pathBelow(sourceRepository, sourceNamespace);
  const namespace = targetNamespace ?? sourceNamespace;
  const name = namespace === "" ? (path ?? "") : `${namespace}/${path ?? ""}`;
  if (path === null || !isRepositoryName(name)) {
    throw new DestinationError(path === null ? sourceRepository : name);
  }
  return name;
}
