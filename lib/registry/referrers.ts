import type { Descriptor } from "./descriptor.ts";
import { referrersTag } from "./digest-tag.ts";
import { ContentError, RegistryError } from "./errors.ts";
import type { Answer } from "./exchange.ts";
import { isManifest, OCI_INDEX } from "./media-types.ts";
import { linkedPages } from "./paging.ts";
import { readReferrersTag } from "./referrers-tag.ts";
import type { ReferrerList, ReferrersOptions } from "./repository.ts";
import { MAX_MANIFEST_BYTES, MAX_SUCCESSORS, parseBody, successors } from "./successors.ts";
import type { Transport } from "./transport.ts";

/** Pages of one list. */
const MAX_PAGES = 1_000;
/** A registry that lacks the API may be given it: it is asked again after so long. */
const REMEMBERED_MS = 10 * 60 * 1000;
const MAX_REMEMBERED = 10_000;
const ERROR_BYTES = 64 * 1024;

/**
 * Manifests whose subject this is. The API is asked first, page by page; a registry without it is remembered, and the tag
 * schema read instead. Where both have a list, both count: a registry that was given the API need not take over what clients
 * kept under tags. No filter is asked for, so none can be left out (`OCI-Filters-Applied`).
 * OCI distribution-spec v1.1.1, "Listing Referrers" (end-12a).
 *
 * @throws {ContentError} UNREADABLE_MANIFEST for what is no descriptor, and for more than 16,384 of them
 */
export async function listReferrers(
  transport: Transport,
  repository: string,
  subject: string,
  options: ReferrersOptions,
): Promise<ReferrerList> {
  const listed = await askApi(transport, repository, subject, options);
  const via = listed ? "api" : "tag-schema";
  const wanted = listed ? options.tagListed === true : options.tagListed !== false;
  const tag = referrersTag(subject);
  const kept = wanted ? await readReferrersTag(transport, repository, tag, options) : null;
  return { via, referrers: unique([...(listed ?? []), ...(kept?.referrers ?? [])], subject) };
}

/** @returns null where the registry has no such API */
async function askApi(
  transport: Transport,
  repository: string,
  subject: string,
  options: ReferrersOptions,
): Promise<Descriptor[] | null> {
  const memory = memoryOf(transport);
  return memory.afterFirst(async () =>
    memory.lacksApi(repository) ? null : readPages(transport, { repository, subject, memory }, options),
  );
}

async function readPages(
  transport: Transport,
  { repository, subject, memory }: { repository: string; subject: string; memory: ApiMemory },
  { signal }: ReferrersOptions,
): Promise<Descriptor[] | null> {
  const referrers: Descriptor[] = [];
  const pages = linkedPages(
    transport,
    {
      path: `/v2/${repository}/referrers/${subject}`,
      scopes: [`repository:${repository}:pull`],
      headers: { accept: OCI_INDEX },
      expect: [200, 404, 405, 501],
      maxPages: MAX_PAGES,
      signal,
    },
    readPage,
  );
  try {
    for await (const page of pages) {
      if (page.kind === "no-api") {
        memory.noApi(page.everywhere ? null : repository);
        return null;
      }
      referrers.push(...page.referrers);
      refuseMany(referrers.length);
    }
  } catch (error) {
    // Harbor before 2.8 answers so to a route that it does not know, to whoever may read everything else (goharbor/harbor#18305).
    if (error instanceof RegistryError && error.status === 401) {
      memory.noApi(repository);
      return null;
    }
    throw error;
  }
  return referrers;
}

type Page = { kind: "page"; referrers: Descriptor[] } | { kind: "no-api"; everywhere: boolean };

/**
 * Every 404 says that there is no API, for a subject that is not there has an empty list; one in the words of the specification
 * may speak of this repository alone. Whoever answers 200 with something else, as gateways do to any route, has none either.
 */
async function readPage(answer: Answer): Promise<Page> {
  if (answer.status !== 200) {
    const text = (await answer.body.excerpt(ERROR_BYTES)).toString("utf8");
    return { kind: "no-api", everywhere: !/^\s*\{/.test(text) };
  }
  const bytes = await answer.body.bytes(
    MAX_MANIFEST_BYTES,
    () => new ContentError("MANIFEST_TOO_LARGE", `at most ${MAX_MANIFEST_BYTES} bytes`, "a longer page"),
  );
  if (!isIndexBody(bytes)) {
    return { kind: "no-api", everywhere: true };
  }
  const descriptor = { mediaType: OCI_INDEX, digest: "", size: bytes.byteLength };
  return { kind: "page", referrers: successors({ descriptor, bytes }) };
}

function isIndexBody(bytes: Uint8Array): boolean {
  try {
    return "manifests" in parseBody(bytes);
  } catch {
    return false;
  }
}

/** Each once, manifests only, and never the subject itself. */
function unique(referrers: readonly Descriptor[], subject: string): Descriptor[] {
  const byDigest = new Map<string, Descriptor>();
  for (const referrer of referrers) {
    if (isManifest(referrer.mediaType) && referrer.digest !== subject && !byDigest.has(referrer.digest)) {
      byDigest.set(referrer.digest, referrer);
    }
  }
  refuseMany(byDigest.size);
  return [...byDigest.values()];
}

function refuseMany(count: number): void {
  if (count > MAX_SUCCESSORS) {
    throw new ContentError("UNREADABLE_MANIFEST", `at most ${MAX_SUCCESSORS} referrers`, "more");
  }
}

/** Which registries, or which of their repositories, were found to have no referrers API. */
class ApiMemory {
  #nowhereUntilMs = 0;
  readonly #until = new Map<string, number>();
  #first: Promise<unknown> | undefined;

  /** The first question of all goes alone: its answer may spare all those that are asked at the same time. */
  async afterFirst<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#first) {
      await this.#first;
      return ask();
    }
    const asking = ask();
    this.#first = asking.catch(() => {
      this.#first = undefined;
    });
    return asking;
  }

  lacksApi(repository: string): boolean {
    return Math.max(this.#nowhereUntilMs, this.#until.get(repository) ?? 0) > Date.now();
  }

  /** @param repository null: in none of them */
  noApi(repository: string | null): void {
    const untilMs = Date.now() + REMEMBERED_MS;
    if (repository === null) {
      this.#nowhereUntilMs = untilMs;
      return;
    }
    if (this.#until.size >= MAX_REMEMBERED) {
      this.#until.clear();
    }
    this.#until.set(repository, untilMs);
  }
}

/** One a client, so one a registry and process. */
const memories = new WeakMap<Transport, ApiMemory>();

function memoryOf(transport: Transport): ApiMemory {
  const memory = memories.get(transport) ?? new ApiMemory();
  memories.set(transport, memory);
  return memory;
}
