import type { Repository } from "../../registry/repository.ts";
import { step } from "../errors.ts";
import { mapLimited } from "../limit.ts";

const AT_ONCE = 8;
/** Manifests that a process remembers of one target in one task; then it asks again. */
const MAX_REMEMBERED = 20_000;

/**
 * Whether some of these manifests are missing in a repository of the target, although an index that names them stands there.
 * What was found once is not asked for again.
 * @param found `repository@digest` of what stands there; added to
 * @throws {CopyError}
 */
export async function lacksSome(
  manifests: readonly string[],
  target: Repository,
  { found, signal }: { found: Set<string>; signal: AbortSignal },
): Promise<boolean> {
  const unknown = manifests.filter((digest) => !found.has(`${target.name}@${digest}`));
  const there = await mapLimited(unknown, AT_ONCE, async (digest) => {
    const standing = await step({ operation: "head-manifest", side: "target", digest }, () =>
      target.resolve(digest, { signal }),
    );
    if (standing) {
      if (found.size >= MAX_REMEMBERED) {
        found.clear();
      }
      found.add(`${target.name}@${digest}`);
    }
    return standing !== null;
  });
  return there.includes(false);
}
