import { catalog } from "./catalog.ts";
import { RegistryError, TransportError } from "./errors.ts";
import type { RegistryCheck, RequestOptions } from "./repository.ts";
import type { Transport } from "./transport.ts";

/** A person waits for the answer. */
const RETRIES = 1;
const FIRST_PAGE = 100;
/** How a registry says that it has no catalogue, or none for us. */
export const CANNOT_LIST: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 501]);

/**
 * Proves that the registry is one, that it accepts our credentials, and whether it can list.
 * A 200 on /v2/ proves little: a registry that lets anybody read never asked for the password. So when it did not ask,
 * the password is shown unasked, and a registry that looks at it will refuse a wrong one.
 *
 * @throws {RegistryError} UNAUTHORIZED when the credentials are refused
 * @throws {TransportError} REDIRECT_REFUSED when they could not even be shown, see realm.ts
 */
export async function checkRegistry(transport: Transport, options: RequestOptions): Promise<RegistryCheck> {
  const ping = (unasked: string | undefined) =>
    transport.call(
      {
        method: "GET",
        to: "/v2/",
        scopes: [],
        unasked,
        expect: [200],
        retries: RETRIES,
        signal: options.signal,
      },
      async (answer) => {
        // A web page under /v2/ is no registry.
        if (/^text\/html\b/i.test(answer.headers.get("content-type") ?? "")) {
          const { status, url } = answer;
          const detail = "a web page answers where a registry should";
          throw new RegistryError({ code: "UNSUPPORTED", status, method: "GET", url: url.origin, detail });
        }
        return answer.elapsedMs;
      },
    );
  let latencyMs = await ping(undefined);
  if (transport.auth.authentication === "anonymous" && transport.auth.basic !== undefined) {
    latencyMs = await ping(transport.auth.basic);
  }
  if (transport.auth.withheldFrom !== undefined) {
    const reason = `the password is not sent to the token server ${transport.auth.withheldFrom}, which is of another domain`;
    throw new TransportError(
      "REDIRECT_REFUSED",
      { method: "GET", url: `${transport.origin.origin}/v2/` },
      reason,
    );
  }
  const repositoriesSeen = await firstPage(transport, options);
  return {
    authentication: transport.auth.basic === undefined ? "anonymous" : transport.auth.authentication,
    canList: repositoriesSeen !== null,
    repositoriesSeen: repositoriesSeen ?? 0,
    latencyMs: Math.round(latencyMs),
  };
}

async function firstPage(transport: Transport, options: RequestOptions): Promise<number | null> {
  try {
    const pages = catalog(transport, { ...options, page: FIRST_PAGE, retries: RETRIES });
    const first = await pages.next();
    await pages.return(undefined);
    return first.done ? 0 : first.value.length;
  } catch (error) {
    if (error instanceof RegistryError && CANNOT_LIST.has(error.status)) {
      return null;
    }
    throw error;
  }
}
