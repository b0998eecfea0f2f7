import { RegistryError } from "../errors.ts";
import type { RegistryCheck, RequestOptions } from "../repository.ts";
import type { Transport } from "../transport.ts";

/** A person waits for the answer. */
const RETRIES = 1;
const HEAD_OF_INDEX_BYTES = 4 * 1024;

/**
 * Proves that somebody answers for charts there and accepts our credentials. The address may be that of one repository, or of
 * a server that keeps one for each namespace: then it has no index of its own (404), and that is all there is to ask.
 * Like a registry that lets anybody read, it is shown the password unasked; see check.ts.
 *
 * @throws {RegistryError} UNAUTHORIZED when the credentials are refused, UNSUPPORTED when a web page answers
 */
export async function checkMuseum(
  transport: Transport,
  address: URL,
  { signal }: RequestOptions,
): Promise<RegistryCheck> {
  const ask = () =>
    transport.call(
      {
        method: "GET",
        to: new URL("index.yaml", address),
        scopes: [],
        unasked: transport.auth.basic,
        headers: { "accept-encoding": "identity" },
        expect: [200, 404],
        retries: RETRIES,
        signal,
      },
      async (answer) => {
        const head = (await answer.body.excerpt(HEAD_OF_INDEX_BYTES)).toString("utf8");
        if (answer.status === 200 && (/^\s*</.test(head) || head.trim() === "")) {
          const url = new URL("index.yaml", address).href;
          const detail = "something else answers where an index of charts should";
          throw new RegistryError({ code: "UNSUPPORTED", status: 200, method: "GET", url, detail });
        }
        return { latencyMs: Math.round(answer.elapsedMs), listed: answer.status === 200 };
      },
    );
  const { latencyMs, listed } = await ask();
  const authentication = transport.auth.basic === undefined ? "anonymous" : "basic";
  return { authentication, canList: listed, repositoriesSeen: 0, latencyMs };
}
