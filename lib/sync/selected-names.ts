import { isRepositoryName } from "../registry/reference.ts";
import type { Registry } from "../registry/repository.ts";
import { pathBelow } from "./destination.ts";
import { asCopyError } from "./errors.ts";
import { literalNames } from "./literal-names.ts";
import type { Selection } from "./selection.ts";

/**
 * The repositories that a selection looks at, in the order in which they become known; a name may come twice.
 * @throws {CopyError} when the registry cannot list its repositories
 */
export async function* namePages(
  source: Pick<Registry, "repositories">,
  { namespace, repository, only }: Selection,
  signal: AbortSignal,
): AsyncGenerator<string[]> {
  if (only) {
    yield only.map((item) => item.repository);
    return;
  }
  // A name that breaks the grammar must not reach a URL or an expression.
  const belongs = (name: string) => isRepositoryName(name) && pathBelow(name, namespace) !== null;
  const literal = literalNames(repository.source);
  if (literal) {
    const names = literal.map((path) => (namespace === "" ? path : `${namespace}/${path}`));
    yield names.filter(belongs).sort();
    return;
  }
  try {
    for await (const page of source.repositories({ signal, namespace })) {
      yield page.filter(belongs);
    }
  } catch (error) {
    throw asCopyError({ operation: "list-repositories", side: "source" }, error);
  }
}

/** Whether the repository expression of a selection means this repository. */
export function selectsRepository({ namespace, repository, only }: Selection, name: string): boolean {
  if (only) {
    return true;
  }
  const path = pathBelow(name, namespace);
  return path !== null && repository.matches(path);
}
