import { type DockerRegistry, startDockerRegistry } from "./docker-registry.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy/fault-proxy.ts";
import { freePort } from "./free-port.ts";
import { createTokenSigner } from "./token-signer.ts";

export interface TokenRegistry {
  readonly account: { username: string; password: string };
  /** As clients reach it: the token server answers under `/token`, everything else is the registry's. */
  readonly proxy: FaultProxy;
  readonly registry: DockerRegistry;
  /** Scopes of the tokens given out so far, in order. */
  issued(): readonly string[];
  stop(): Promise<void>;
}

const ACCOUNT = { username: "robot", password: "token-secret-1" };

/**
 * A CNCF Distribution that wants bearer tokens, with the token server that signs them, at one origin.
 * @param options.expiresInS life of a token; the registry refuses an older one
 */
export async function startTokenRegistry(options: { expiresInS?: number } = {}): Promise<TokenRegistry> {
  const signer = await createTokenSigner();
  const port = await freePort();
  const proxy = await startFaultProxy(`http://127.0.0.1:${port}`, {
    tokens: { ...ACCOUNT, ...options, sign: signer.sign },
  });
  const { service, issuer, certificatePath } = signer;
  const token = { realm: `${proxy.origin}/token`, service, issuer, certificatePath };
  const registry = await startDockerRegistry({ port, token });
  return {
    ...{ account: ACCOUNT, proxy, registry },
    issued: () => proxy.gate?.issued ?? [],
    async stop() {
      await proxy.stop();
      await registry.stop();
      await signer.remove();
    },
  };
}
