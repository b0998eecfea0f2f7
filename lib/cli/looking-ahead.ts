import { NO_DIGEST } from "../registry/digest.ts";
import { DISTANT_MS, NEAR_MS } from "../registry/distance.ts";
import type { Registry } from "../registry/repository.ts";
import { targetRepository } from "../sync/destination.ts";
import type { FirstLook } from "../sync/first-look.ts";
import type { Lookahead } from "../sync/lookahead.ts";
import { targetMemory } from "../sync/target-memory.ts";
import type { SyncOptions } from "./arguments.ts";
import type { Knowledge, Run } from "./sync-tag.ts";

/** The first repositories have nobody's copies to wait behind; those that follow are read while these are copied. */
const LISTED_EARLY = 12;

/** What both ends will be asked is asked while the source still tells what there is; undefined where nothing is written. */
export function lookingAhead(run: Run, known: ReadonlyMap<Registry, Knowledge>): Lookahead | undefined {
  const { options, source, target, names, signal } = run;
  const { registry } = target;
  const knowledge = registry && known.get(registry);
  if (!knowledge || options.dryRun) {
    return undefined;
  }
  const { firstLooks, manifests } = targetMemory(knowledge.placements);
  const lookAt = (repository: string): FirstLook | undefined => {
    const name = targetNameOf(repository, options);
    return name === null ? undefined : firstLooks.at(registry.repository(name));
  };
  let early: number | undefined;
  let asksReferrers = options.referrers;
  return {
    coming(repository) {
      // A source that is far away is seldom near its target.
      early ??= (source.registry?.quickestMs ?? 0) > DISTANT_MS ? LISTED_EARLY : 0;
      if (early > 0) {
        early -= 1;
        lookAt(repository)?.listEarly({ signal });
      }
    },
    wanted(repository, tags) {
      // A source is seldom further from its target than from us. Near by, what a tag names there is soon known, and makes the question
      // at the target a cheaper one, as does what it named before.
      const near = (source.registry?.quickestMs ?? DISTANT_MS) <= NEAR_MS;
      const likely = (tag: string) => names?.of(repository, tag);
      const asked = near ? tags.filter((tag, place) => place === 0 || likely(tag)) : tags;
      lookAt(repository)?.ahead(asked, { signal, likely });
      if (asksReferrers) {
        asksReferrers = false;
        // Whether the source lists referrers at all: whoever asks first waits for that, and all others with him.
        const asked = source.registry
          ?.repository(repository)
          .referrers(NO_DIGEST, { signal, tagListed: false });
        asked?.catch(() => undefined);
      }
    },
    lacks: async (repository, tag) => (await lookAt(repository)?.lacks(tag)) ?? false,
    read: (manifest) => manifests.offer(manifest),
  };
}

/** null: it cannot go there, as the plan will say. */
function targetNameOf(repository: string, { selection, targetNamespace }: SyncOptions): string | null {
  try {
    return targetRepository(repository, selection.namespace, targetNamespace);
  } catch {
    return null;
  }
}
