import { RegistryError } from "../registry/errors.ts";
import type { Registry } from "../registry/repository.ts";
import { CopyError } from "./errors.ts";
import { type ScanOptions, scan } from "./scan.ts";
import type { ScannedRepository } from "./scanned.ts";
import type { Selection } from "./selection.ts";

/** Where content is kept at one end: its registry, and a chart repository beside it. */
export interface Stores {
  registry: Registry | null;
  /** A ChartMuseum. */
  charts: Registry | null;
}

/** The store of a source that a tag was found in. */
export type Store = "registry" | "charts";

/**
 * Where a tag of one store goes at a target: a packaged chart into the chart repository, if the target has one, else into the
 * registry as the OCI chart that it is; everything else into the registry.
 */
export function storeAt(target: Stores, found: Store | undefined): Registry {
  const store = found === "charts" ? (target.charts ?? target.registry) : target.registry;
  if (!store) {
    throw new Error("the target has no place for this");
  }
  return store;
}

/** The store of a source that a tag was found in. */
export function storeOf(source: Stores, found: Store | undefined): Registry {
  const store = found === "charts" ? source.charts : source.registry;
  if (!store) {
    throw new Error("the source has no such place");
  }
  return store;
}

/**
 * Reads what a selection means in both stores of a source, by name of repository as `scan` does. What is in the chart
 * repository is marked. A version that the registry has under the same name and tag counts once, as the registry's. A chart repository
 * that cannot be read comes last, as an error under the name of the namespace: it does not keep images waiting.
 * @throws {CopyError} when the registry cannot list its repositories
 */
export async function* scanStores(
  { registry, charts }: Stores,
  selection: Selection,
  options: ScanOptions,
): AsyncGenerator<ScannedRepository> {
  const ofRegistry = registry ? scan(registry, selection, options) : nothing();
  if (!charts || selection.resourceType === "image") {
    yield* ofRegistry;
    return;
  }
  let broken: CopyError | undefined;
  const ofCharts = marked(charts, selection, options, (error) => {
    // A namespace without an index has no charts; where there is nothing else, an address is wrong.
    if (!registry || !isAbsent(error)) {
      broken = error;
    }
  });
  yield* merged(ofRegistry, ofCharts);
  if (broken) {
    yield { repository: selection.namespace, error: broken };
  }
}

async function* nothing(): AsyncGenerator<ScannedRepository> {}

async function* marked(
  charts: Registry,
  selection: Selection,
  options: ScanOptions,
  onBroken: (error: CopyError) => void,
): AsyncGenerator<ScannedRepository> {
  try {
    for await (const part of scan(charts, selection, {
      ...options,
      ahead: undefined,
      remembered: undefined,
    })) {
      yield part.error
        ? part
        : { ...part, tags: part.tags.map((tag) => ({ ...tag, store: "charts" as const })) };
    }
  } catch (error) {
    if (!(error instanceof CopyError)) {
      throw error;
    }
    onBroken(error);
  }
}

function isAbsent({ cause }: CopyError): boolean {
  return cause instanceof RegistryError && cause.status === 404;
}

/**
 * Two sequences in the order of names as one; parts of one repository come one after the other, the first sequence's first. That one of
 * them has no more of it says nothing of the other.
 */
async function* merged(
  first: AsyncGenerator<ScannedRepository>,
  second: AsyncGenerator<ScannedRepository>,
): AsyncGenerator<ScannedRepository> {
  try {
    let [one, other] = await Promise.all([first.next(), second.next()]);
    let name = "";
    let seen = new Set<string>();
    while (!one.done || !other.done) {
      if (!one.done && (other.done || one.value.repository <= other.value.repository)) {
        seen = one.value.repository === name ? seen : new Set();
        name = one.value.repository;
        for (const { tag } of one.value.error ? [] : one.value.tags) {
          seen.add(tag);
        }
        yield { ...one.value, whole: undefined };
        one = await first.next();
      } else if (!other.done) {
        const part = other.value.repository === name ? without(other.value, seen) : other.value;
        yield { ...part, whole: undefined };
        other = await second.next();
      }
    }
  } finally {
    await Promise.all([first.return(undefined), second.return(undefined)]);
  }
}

function without(scanned: ScannedRepository, tags: ReadonlySet<string>): ScannedRepository {
  return scanned.error ? scanned : { ...scanned, tags: scanned.tags.filter(({ tag }) => !tags.has(tag)) };
}
