import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";

/**
 * Where a request came from. Next hands out headers only, and a client writes `X-Forwarded-For` as it likes; so the address
 * of the connection is noted when Node announces the request, in a header whose name nobody outside this process knows.
 */
interface Noted {
  addressHeader: string;
  pathHeader: string;
}

const shared = globalThis as typeof globalThis & { lockstepNotedRequest?: Noted };

/**
 * Starts noting address and path of each request. Called once by instrumentation.ts; again it does nothing.
 * @returns the names of the two headers
 */
export function noteRequests(): Noted {
  if (!shared.lockstepNotedRequest) {
    const secret = crypto.randomUUID();
    const noted = { addressHeader: `x-noted-address-${secret}`, pathHeader: `x-noted-path-${secret}` };
    subscribe("http.server.request.start", (message) => {
      const { request } = message as { request: IncomingMessage };
      request.headers[noted.addressHeader] = request.socket.remoteAddress ?? "";
      request.headers[noted.pathHeader] = request.url ?? "";
    });
    shared.lockstepNotedRequest = noted;
  }
  return shared.lockstepNotedRequest;
}

/**
 * The address of whoever sent the request: that of the connection, or, when that is one of `trustedProxies` (CIDRs),
 * the last address of X-Forwarded-For that is none of them.
 */
export function clientAddress(headers: Headers, trustedProxies: readonly string[]): string | null {
  let address = plainAddress(headers.get(noteRequests().addressHeader) ?? "");
  const trusted = addressList(trustedProxies);
  const forwarded = (headers.get("x-forwarded-for") ?? "")
    .split(",")
    .map((part) => plainAddress(part.trim()));
  while (address && contains(trusted, address) && forwarded.length > 0) {
    const previous = forwarded.pop() ?? null;
    if (!previous) {
      break;
    }
    address = previous;
  }
  return address;
}

/** Path and query that were asked for, for the way back after sign-in; null when it is no page of ours. */
export function requestedPath(headers: Headers): string | null {
  const noted = headers.get(noteRequests().pathHeader) ?? "";
  if (!noted.startsWith("/") || noted.startsWith("//")) {
    return null;
  }
  const url = new URL(noted, "http://console.invalid");
  url.searchParams.delete("_rsc");
  return `${url.pathname}${url.search}`;
}

/** What guesses are counted by: an IPv4 address, or the /64 of an IPv6 one, whatever way it was written. */
export function clientKey(address: string | null): string {
  if (!address || !isIPv6(address)) {
    return address ?? "unknown";
  }
  const hextets = expandIpv6(address);
  return `${hextets.slice(0, 4).join(":")}::/64`;
}

/** IPv4-mapped IPv6 addresses as IPv4, without a zone; null for anything that is no address. */
function plainAddress(text: string): string | null {
  const bare = text.replace(/^\[|\](?::\d+)?$/g, "").replace(/%.*$/, "");
  const address = isIP(bare) ? bare : bare.replace(/:\d+$/, "");
  if (!isIP(address)) {
    return null;
  }
  if (isIPv4(address)) {
    return address;
  }
  const hextets = expandIpv6(address);
  if (hextets.slice(0, 5).every((part) => part === "0") && hextets[5] === "ffff") {
    const [high = 0, low = 0] = hextets.slice(6).map((part) => Number.parseInt(part, 16));
    return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  }
  return hextets.join(":");
}

/** The eight groups of an IPv6 address, lower case, without leading zeros. RFC 4291, section 2.2. */
function expandIpv6(address: string): string[] {
  const withoutIpv4 = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, a, b, c, d) =>
    [(Number(a) << 8) | Number(b), (Number(c) << 8) | Number(d)].map((part) => part.toString(16)).join(":"),
  );
  const [head = "", tail] = withoutIpv4.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  return [...left, ...zeros, ...right].map((part) => Number.parseInt(part, 16).toString(16));
}

function addressList(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [network = "", prefix] = cidr.split("/");
    const family = isIPv6(network) ? "ipv6" : "ipv4";
    if (isIP(network)) {
      list.addSubnet(network, Number(prefix ?? (family === "ipv6" ? 128 : 32)), family);
    }
  }
  return list;
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
