import "server-only";
import type { Actor } from "../auth/actor.ts";
import { config } from "../config.ts";
import { staysAt } from "../data/instance-credential.ts";
import { connectionOf } from "../data/instances.ts";
import { AppError } from "../errors.ts";
import { log } from "../log.ts";
import { egressRule } from "../registry/egress.ts";
import { ContentError, RegistryError, TransportError } from "../registry/errors.ts";
import type { Registry, RegistryOptions } from "../registry/repository.ts";
import type {
  Capabilities,
  ChartsReport,
  ConnectionReport,
  TestConnectionInput,
} from "../schemas/instance.ts";
import { listNamespaces } from "../sync/namespaces.ts";
import { closeStores, openStores } from "../sync/open-stores.ts";

/** A person waits for the answer. */
const CHECK_TIMEOUT_MS = 15_000;
const PROBE_TIMEOUT_MS = 5_000;
const DETAIL_MAX_CHARS = 1_024;

export type ConnectionOptions = Pick<RegistryOptions, "address" | "vendor" | "plainHttp"> & {
  chartsAddress?: string | null | undefined;
  username?: string | null | undefined;
  password?: string | null | undefined;
  caCertificate?: string | null | undefined;
};

/**
 * What a form holds. Where its password is left empty, the stored one stands in, for the origins alone that it was stored for.
 * @throws {AppError} NOT_FOUND where the permission does not hold; CONFLICT credentials-unreadable
 */
export async function connectionOfForm(
  actor: Actor<"instance:test">,
  input: TestConnectionInput,
): Promise<ConnectionOptions> {
  if (input.password || !input.username || !input.instanceId) {
    return input;
  }
  const stored = await connectionOf(actor, input.instanceId);
  return { ...input, password: staysAt(stored, input) ? stored.password : null };
}

/**
 * Authenticates and lists. What went wrong is the report, also that the stored password cannot be opened.
 * @throws {AppError} any other refusal of whoever provides the options
 */
export async function checkConnection(
  options: ConnectionOptions | Promise<ConnectionOptions>,
): Promise<ConnectionReport> {
  const startedAt = performance.now();
  let anonymous = false;
  try {
    const given = await options;
    anonymous = !given.username;
    return await withStores(given, async ({ registry, charts }) => {
      const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS);
      const [check, chartsReport] = await Promise.all([
        registry.check({ signal }),
        charts ? checkCharts(charts, signal) : null,
      ]);
      return { ok: true, ...check, capabilities: await probe(registry), charts: chartsReport };
    });
  } catch (error) {
    const fact = connectionFact(error);
    const code = fact.code === "UNAUTHORIZED" && anonymous ? "LOGIN_REQUIRED" : fact.code;
    return { ok: false, latencyMs: Math.round(performance.now() - startedAt), ...fact, code };
  }
}

/** Its own result: a registry without its chart repository is one that images go to and come from. */
async function checkCharts(charts: Registry, signal: AbortSignal): Promise<ChartsReport> {
  try {
    const { canList } = await charts.check({ signal });
    return { ok: true, listed: canList };
  } catch (error) {
    return { ok: false, ...connectionFact(error) };
  }
}

/** A nicety beside the answer: what it cannot tell in time stays unknown. */
async function probe(registry: Registry): Promise<Capabilities | null> {
  try {
    const found = await registry.capabilities({ signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    return { probedAt: new Date().toISOString(), ...found };
  } catch (error) {
    log.info({ err: error }, "what a registry can do could not be told");
    return null;
  }
}

/** Opens what an instance has under the operator's egress rule, and closes it whatever happens. */
async function withStores<Result>(
  { username, password, caCertificate, ...options }: ConnectionOptions,
  use: (stores: ReturnType<typeof openStores>) => Promise<Result>,
): Promise<Result> {
  const stores = openStores({
    ...options,
    username: username || undefined,
    password: password || undefined,
    caCertificate: caCertificate || undefined,
    egress: egressRule([...config().egressAllow]),
  });
  try {
    return await use(stores);
  } finally {
    await closeStores(stores);
  }
}

interface ConnectionFact {
  code: string;
  httpStatus: number | null;
  detail: string | null;
}

/**
 * A blocked address and a closed port answer alike, or this would be a port scanner (CVE-2020-13788): no address that was
 * never reached gets a detail.
 */
export function connectionFact(error: unknown): ConnectionFact {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof RegistryError) {
      return {
        code: cause.code,
        httpStatus: cause.status,
        detail: cause.detail.slice(0, DETAIL_MAX_CHARS) || null,
      };
    }
    if (cause instanceof TransportError) {
      return transportFact(cause);
    }
    if (cause instanceof AppError && cause.reason === "credentials-unreadable") {
      return { code: "CREDENTIALS_UNREADABLE", httpStatus: null, detail: null };
    }
    if (cause instanceof ContentError) {
      return { code: cause.code, httpStatus: null, detail: null };
    }
    if (cause.name === "TimeoutError" || cause.name === "AbortError") {
      return { code: "TIMEOUT", httpStatus: null, detail: null };
    }
  }
  throw error;
}

function transportFact(error: TransportError): ConnectionFact {
  switch (error.code) {
    case "CONNECTION":
    case "EGRESS_DENIED":
      return { code: "UNREACHABLE", httpStatus: null, detail: null };
    case "TLS":
    case "REDIRECT_REFUSED":
      return { code: error.code, httpStatus: null, detail: error.message.slice(0, DETAIL_MAX_CHARS) };
    case "DNS":
    case "TIMEOUT":
      return { code: error.code, httpStatus: null, detail: null };
  }
}

export type NamespaceList =
  | { namespaces: string[]; truncated: boolean }
  /** The registry cannot list, or not in time: the name is typed. */
  | { namespaces: null; fact: ConnectionFact };

const NAMESPACES_TIMEOUT_MS = 5_000;
const NAMESPACES_LIMIT = 500;

/** First path components of the registry's repositories, as far as five seconds reach. */
export async function readNamespaces(
  options: ConnectionOptions | Promise<ConnectionOptions>,
): Promise<NamespaceList> {
  try {
    const namespaces = await withStores(await options, ({ registry }) =>
      listNamespaces(registry, {
        signal: AbortSignal.timeout(NAMESPACES_TIMEOUT_MS),
        limit: NAMESPACES_LIMIT,
      }),
    );
    return { namespaces, truncated: namespaces.length >= NAMESPACES_LIMIT };
  } catch (error) {
    return { namespaces: null, fact: connectionFact(error) };
  }
}
