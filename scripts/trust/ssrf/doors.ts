import { egressRule } from "../../../lib/registry/egress.ts";
import { TransportError } from "../../../lib/registry/errors.ts";
import { poster } from "../../../lib/registry/post.ts";
import { createRegistry } from "../../../lib/registry/remote-registry.ts";
import type { Registry } from "../../../lib/registry/repository.ts";
import { digestOf } from "../../../lib/registry/verify.ts";
import { meets } from "../trust-case.ts";
import type { Ground } from "./ground.ts";

const BLOB = { mediaType: "application/octet-stream", digest: digestOf(Buffer.from("x")), size: 1 };

/** How an address comes into the product, and what is done with it there. */
type Door = (url: string, allow: readonly string[], ground: Ground) => Promise<unknown>;

function withRegistry(
  address: string,
  allow: readonly string[],
  use: (registry: Registry) => Promise<unknown>,
) {
  const registry = createRegistry({
    ...{ address, vendor: "generic", plainHttp: true, retries: 0 },
    egress: egressRule([...allow]),
  });
  return use(registry).finally(() => registry.close());
}

async function readAll(content: AsyncIterable<unknown>): Promise<void> {
  for await (const chunk of content) {
    void chunk;
  }
}

const pull = async (registry: Registry) => readAll(await registry.repository("app").fetchBlob(BLOB));
const post = (text: string, allow: readonly string[]) => {
  const url = new URL(text);
  return poster(allow)({ url, headers: {}, body: "{}" });
};

export const DOORS: Readonly<Record<string, Door>> = {
  "testing an instance": (url, allow) => withRegistry(url, allow, (registry) => registry.check()),
  "pulling from an instance": (url, allow) => withRegistry(url, allow, pull),
  "pushing to an instance": (url, allow) =>
    withRegistry(url, allow, (registry) => registry.repository("app").openUpload(BLOB)),
  "listing an instance": (url, allow) =>
    withRegistry(url, allow, (registry) => readAll(registry.repositories())),
  "a redirect": (url, allow, ground) => {
    ground.point({ status: 307, location: `${url}/x` });
    return withRegistry(ground.origin, allow, pull);
  },
  "a token server": (url, allow, ground) => {
    ground.point({ status: 401, realm: `${url}/token` });
    return withRegistry(ground.origin, allow, (registry) => registry.check());
  },
  "a webhook": (url, allow) => post(url, allow),
  "a webhook with TLS": (url, allow) => post(url.replace(/^http:/, "https:"), allow),
};

/** Codes of a refusal, as against those of something that was tried. */
export const REFUSALS = ["EGRESS_DENIED", "REDIRECT_REFUSED"];

/**
 * Goes through every door with this URL.
 * @param codes that may be answered; a TypeError says that it is no address at all
 * @throws {TargetMissed} unless each refuses, and nothing is dialled
 */
export async function isBlocked(
  url: string,
  allow: readonly string[],
  ground: Ground,
  codes: readonly string[] = REFUSALS,
): Promise<void> {
  for (const [name, door] of Object.entries(DOORS)) {
    const end = await Promise.resolve()
      .then(() => door(url, allow, ground))
      .then(
        () => "answered",
        (error: unknown) =>
          error instanceof TransportError
            ? error.code
            : error instanceof TypeError
              ? "NO_ADDRESS"
              : String(error),
      );
    meets([...codes, "NO_ADDRESS"].includes(end), `${name}, ${url}: ${end}`);
    ground.nothingDialled(`${name}, ${url}`);
  }
}
