import { catalog } from "./catalog.ts";
import { CANNOT_LIST } from "./check.ts";
import { RegistryError } from "./errors.ts";
import type { Answer } from "./exchange.ts";
import { resolveManifest } from "./manifests.ts";
import { OCI_INDEX } from "./media-types.ts";
import type { RegistryCapabilities, RequestOptions } from "./repository.ts";
import { softwareOf } from "./software.ts";
import { listTags } from "./tags.ts";
import type { Transport } from "./transport.ts";

const RETRIES = 1;
const FIRST_PAGE = 20;
/** A repository may have lost its tags; a registry full of such is not searched through. */
const REPOSITORIES_TRIED = 3;
const MAX_BODY_BYTES = 16 * 1024;
const MADE_UP = { repository: "lockstep-probe", digest: `sha256:${"0".repeat(64)}` };

/**
 * What the registry can do, told from reading alone: GET and HEAD, nothing is uploaded and nothing deleted. What only a
 * write would tell is null, and so is what it refuses to say.
 * @throws {RegistryError | TransportError} when it cannot be reached or refuses us altogether
 */
export async function probeCapabilities(
  transport: Transport,
  options: RequestOptions,
): Promise<RegistryCapabilities> {
  const headers = await transport.call(
    { method: "GET", to: "/v2/", scopes: [], expect: [200], retries: RETRIES, signal: options.signal },
    async (answer) => answer.headers,
  );
  const { list, names } = await firstRepositories(transport, options);
  const { supported, plainNotFound } = await referrers(transport, names, options);
  const named = softwareOf({ headers, service: transport.auth.service });
  // Its own way of saying that there is no such route; forks that say so too have named themselves above.
  const distribution = plainNotFound && headers.get("docker-distribution-api-version") === "registry/2.0";
  return {
    software:
      named === "Harbor"
        ? await harborVersion(transport, options)
        : (named ?? (distribution ? "Distribution" : null)),
    list,
    referrers: supported,
    delete: null,
    chunk: null,
  };
}

async function firstRepositories(
  transport: Transport,
  options: RequestOptions,
): Promise<{ list: boolean | null; names: string[] }> {
  try {
    const pages = catalog(transport, { ...options, page: FIRST_PAGE, retries: RETRIES });
    const first = await pages.next();
    await pages.return(undefined);
    return { list: true, names: first.done ? [] : first.value };
  } catch (error) {
    if (error instanceof RegistryError) {
      return { list: CANNOT_LIST.has(error.status) ? false : null, names: [] };
    }
    throw error;
  }
}

interface ReferrersAnswer {
  supported: boolean | null;
  plainNotFound: boolean;
}

/**
 * OCI distribution-spec v1.1.1, "Listing Referrers" (end-12a): a registry with the API answers 200, if only with an empty
 * index. A made-up subject in a made-up repository may be refused for its own sake, so a known one is asked for where
 * there is one.
 */
async function referrers(
  transport: Transport,
  repositories: readonly string[],
  options: RequestOptions,
): Promise<ReferrersAnswer> {
  const known = await knownSubject(transport, repositories, options);
  const { repository, digest } = known ?? MADE_UP;
  const unknown = { supported: null, plainNotFound: false };
  const answer = await unlessRefused(() =>
    transport.call(
      {
        method: "GET",
        to: `/v2/${repository}/referrers/${digest}`,
        scopes: [`repository:${repository}:pull`],
        headers: { accept: OCI_INDEX },
        expect: [200, 404, 405, 501],
        retries: RETRIES,
        signal: options.signal,
      },
      (received) => readReferrers(received, known !== null),
    ),
  );
  return answer ?? unknown;
}

async function readReferrers(answer: Answer, known: boolean): Promise<ReferrersAnswer> {
  const text = (await answer.body.excerpt(MAX_BODY_BYTES)).toString("utf8");
  if (answer.status === 200) {
    const index = answer.headers.get("content-type")?.startsWith(OCI_INDEX) ?? false;
    return { supported: index ? true : null, plainNotFound: false };
  }
  const inWords = /^\s*\{/.test(text);
  const supported = answer.status === 404 && inWords && !known ? null : false;
  return { supported, plainNotFound: answer.status === 404 && /^404 page not found\s*$/.test(text) };
}

async function knownSubject(
  transport: Transport,
  repositories: readonly string[],
  options: RequestOptions,
): Promise<{ repository: string; digest: string } | null> {
  for (const repository of repositories.slice(0, REPOSITORIES_TRIED)) {
    const digest = await unlessRefused(async () => {
      for await (const [tag] of listTags(transport, repository, options)) {
        const found = tag === undefined ? null : await resolveManifest(transport, repository, tag, options);
        return found?.digest ?? null;
      }
      return null;
    });
    if (digest !== null) {
      return { repository, digest };
    }
  }
  return null;
}

/** Harbor tells its version to whoever signs in. */
async function harborVersion(transport: Transport, options: RequestOptions): Promise<string> {
  const version = await unlessRefused(() =>
    transport.call(
      {
        method: "GET",
        to: "/api/v2.0/systeminfo",
        scopes: [],
        unasked: transport.auth.basic,
        headers: { accept: "application/json" },
        expect: [200],
        retries: RETRIES,
        signal: options.signal,
      },
      async (answer) => {
        const text = (await answer.body.excerpt(MAX_BODY_BYTES)).toString("utf8");
        return /"harbor_version"\s*:\s*"v?(\d+(?:\.\d+){0,3})/.exec(text)?.[1] ?? null;
      },
    ),
  );
  return version === null ? "Harbor" : `Harbor ${version}`;
}

/** A registry that says no to one question has not said no to us. */
async function unlessRefused<T>(ask: () => Promise<T | null>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof RegistryError) {
      return null;
    }
    throw error;
  }
}
