import { createPrivateKey, randomUUID, sign, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "./tool.ts";

/** Who signs tokens, with the certificate by which a registry knows the signature (`rootcertbundle`). */
export interface TokenSigner {
  readonly service: string;
  readonly issuer: string;
  readonly certificatePath: string;
  /**
   * A JSON Web Token (RFC 7519, ES256) that a CNCF Distribution accepts for `seconds`.
   * @param scopes `repository:<name>:pull,push` or `registry:catalog:*`; all are granted
   */
  sign(account: string, scopes: readonly string[], seconds: number): string;
  /** Deletes key and certificate. */
  remove(): Promise<void>;
}

/** A registry takes a token for so long after it has expired: clocks differ. */
const LEEWAY_S = 60;

/** Makes a key and its certificate with openssl. CNCF Distribution, "Token Authentication Implementation". */
export async function createTokenSigner(): Promise<TokenSigner> {
  const root = await mkdtemp(join(tmpdir(), "lockstep-tokens-"));
  const [keyPath, certificatePath] = [join(root, "token.key"), join(root, "token.crt")];
  await runTool("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-days", "30", "-subj", "/CN=Lockstep test tokens", "-keyout", keyPath, "-out", certificatePath],
  ]);
  const key = createPrivateKey(await readFile(keyPath));
  const { raw } = new X509Certificate(await readFile(certificatePath));
  const header = { typ: "JWT", alg: "ES256", x5c: [raw.toString("base64")] };
  const [service, issuer] = ["lockstep-registry", "lockstep-tokens"];
  return {
    ...{ service, issuer, certificatePath },
    sign(account, scopes, seconds) {
      const now = Math.ceil(Date.now() / 1000);
      const claims = {
        ...{ iss: issuer, sub: account, aud: service, jti: randomUUID() },
        ...{ iat: now, nbf: now - LEEWAY_S, exp: now + seconds - LEEWAY_S },
        access: scopes.flatMap(accessOf),
      };
      const text = [header, claims]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .join(".");
      // RFC 7518, 3.4: the two numbers side by side, not in DER.
      const signature = sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
      return `${text}.${signature.toString("base64url")}`;
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** `type:name:action,action`; a name may hold colons, as that of a host with a port does. */
function accessOf(scope: string): { type: string; name: string; actions: string[] }[] {
  const [, type, name, actions] = /^([^:]+):(.+):([^:]+)$/.exec(scope) ?? [];
  return type && name && actions ? [{ type, name, actions: actions.split(",") }] : [];
}
