import { isIP } from "node:net";

/**
 * Whether a registry's user name and password may be sent to the token server that its challenge names (`realm`).
 * The realm is text that came over the network, credentials belong to the registry's host (CVE-2020-15157,
 * CVE-2026-48978), yet real registries keep their token server elsewhere (registry-1.docker.io → auth.docker.io,
 * registry.gitlab.com → gitlab.com). The rule:
 *
 * 1. the same origin (scheme, host and port) as the registry: yes;
 * 2. both https, the realm on port 443, both named (no IP addresses), and both of one registrable domain, the public
 *    suffix list with its private part deciding (so two tenants of one hoster are strangers): yes;
 * 3. anything else: no. The token is then asked for anonymously, never with credentials.
 */
export async function realmMayHaveCredentials(registry: URL, realm: URL): Promise<boolean> {
  if (realm.username !== "" || realm.password !== "") {
    return false;
  }
  if (realm.origin === registry.origin) {
    return true;
  }
  if (realm.protocol !== "https:" || registry.protocol !== "https:" || realm.port !== "") {
    return false;
  }
  if ([realm, registry].some(({ hostname }) => hostname.startsWith("[") || isIP(hostname) !== 0)) {
    return false;
  }
  // Loaded when it is needed: most token servers live on the registry's own host.
  const { getDomain } = await import("tldts");
  const [ours, theirs] = [registry, realm].map(({ hostname }) =>
    getDomain(hostname, { allowPrivateDomains: true }),
  );
  return ours !== null && ours !== undefined && ours === theirs;
}
