import { isDigestTag } from "../../registry/reference.ts";
import type { Repository } from "../../registry/repository.ts";
import { step } from "../errors.ts";

/**
 * What the source says of a tag now. `gone` is the only one that a deletion may follow from: the tag is not there, the list
 * does not name it, and a neighbour of it is there. `empty`: the repository has no tag left or is hidden from us, which look alike.
 * `unsure`: its answers contradict each other.
 */
export type Sighting =
  | { kind: "there"; digest: string }
  | { kind: "gone" }
  /** It is gone, and were it there, others would leave it out: it is none of the newest that the rule means. */
  | { kind: "unmeant" }
  | { kind: "empty" }
  | { kind: "unsure" };

/** So many neighbours are asked for until one is there. */
const NEIGHBOURS = 3;

/**
 * Looks at tags of one source repository. Its list and its neighbours are asked for once, each tag anew: make another one for
 * another moment.
 * @param means whether the rule would mean a tag beside these others; left out: any
 * @throws {CopyError} of the function that is returned, when the source does not answer or refuses: then nothing is known
 */
export function sightingsOf(
  source: Repository,
  signal: AbortSignal,
  means: (tag: string, others: readonly string[]) => boolean = () => true,
): (tag: string) => Promise<Sighting> {
  const at = (operation: string) => ({ operation, side: "source" }) as const;
  const resolve = (tag: string) => step(at("resolve-tag"), () => source.resolve(tag, { signal }));
  let listed: Promise<Set<string>> | undefined;
  let healthy: Promise<boolean> | undefined;

  const list = () =>
    step(at("list-tags"), async () => {
      const names = new Set<string>();
      for await (const page of source.tags({ signal })) {
        for (const name of page) {
          names.add(name);
        }
      }
      return names;
    });

  const someNeighbour = async (neighbours: readonly string[]): Promise<boolean> => {
    for (const neighbour of neighbours.slice(0, NEIGHBOURS)) {
      if (await resolve(neighbour)) {
        return true;
      }
    }
    return false;
  };

  return async (tag) => {
    const named = await resolve(tag);
    if (named) {
      return { kind: "there", digest: named.digest };
    }
    listed ??= list();
    const names = await listed;
    if (names.has(tag)) {
      return { kind: "unsure" };
    }
    const neighbours = [...names].filter((name) => !isDigestTag(name));
    if (neighbours.length === 0) {
      return { kind: "empty" };
    }
    healthy ??= someNeighbour(neighbours);
    if (!(await healthy)) {
      return { kind: "unsure" };
    }
    return means(tag, neighbours) ? { kind: "gone" } : { kind: "unmeant" };
  };
}
