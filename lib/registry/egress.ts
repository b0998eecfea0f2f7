import { BlockList, isIP, SocketAddress } from "node:net";
import type { EgressRule } from "./repository.ts";

/** Denied whatever the operator allows: nothing a registry could live on, much that must not be asked. */
const NEVER = [
  "0.0.0.0/8", // unspecified, "this network"
  "169.254.0.0/16", // link-local; 169.254.169.254 is the metadata service of most clouds
  "100.100.100.200/32", // metadata service of Alibaba Cloud
  "168.63.129.16/32", // wire server of Azure
  "192.0.0.192/32", // metadata service of Oracle Cloud
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved and broadcast
  "::/128", // unspecified
  "fe80::/10", // link-local
  "fec0::/10", // site-local, deprecated
  "ff00::/8", // multicast
  "fd00:ec2::/32", // metadata service of AWS
  "fd20:ce::254/128", // metadata service of Google Cloud
];

/** Denied unless one of the operator's CIDRs holds the address. */
const BY_PERMISSION = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10", // carrier-grade NAT, RFC 6598
  "192.0.0.0/24", // IETF protocol assignments
  "192.0.2.0/24", // documentation
  "198.18.0.0/15", // benchmarks, RFC 2544
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "::1/128",
  "fc00::/7", // unique local addresses
  "100::/64", // discard only
  "2001:db8::/32", // documentation
];

/**
 * Which addresses the server may dial, decided on the address that is connected, never on a name.
 * Link-local, metadata, unspecified and multicast addresses are always denied; loopback and private ranges only open
 * for the CIDRs given, each for itself: allowing one address opens no other. IPv6 forms that carry an IPv4 address
 * (mapped, NAT64, 6to4) count as that address.
 *
 * @param allow CIDRs or single addresses, e.g. `10.1.0.0/16`, `127.0.0.1`
 * @throws {TypeError} when an entry is no CIDR: a typing error must not open or close anything silently
 */
export function egressRule(allow: string[]): EgressRule {
  const never = blockList(NEVER);
  const byPermission = blockList(BY_PERMISSION);
  const allowed = blockList(allow);
  return {
    allows(ip) {
      const address = unwrap(ip);
      if (address === null || holds(never, address)) {
        return false;
      }
      return !holds(byPermission, address) || holds(allowed, address);
    },
  };
}

/**
 * Only what the operator has listed: where something goes in the clear, to a network that the operator vouches for.
 * @throws {TypeError} as {@link egressRule}
 */
export function listedOnly(allow: string[]): EgressRule {
  const rule = egressRule(allow);
  const listed = blockList(allow);
  return {
    allows(ip) {
      const address = unwrap(ip);
      return address !== null && holds(listed, address) && rule.allows(address);
    },
  };
}

/** For the CLI: the operator chose the addresses. */
export const allowAll: EgressRule = { allows: () => true };

function blockList(cidrs: string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = "", prefix, ...rest] = cidr.trim().split("/");
    const family = isIP(address);
    const bits = family === 6 ? 128 : 32;
    const length = prefix === undefined ? bits : Number(prefix);
    if (family === 0 || rest.length > 0 || !/^\d*$/.test(prefix ?? "") || prefix === "" || length > bits) {
      throw new TypeError(`not a CIDR: ${cidr}`);
    }
    list.addSubnet(address, length, family === 6 ? "ipv6" : "ipv4");
  }
  return list;
}

function holds(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** The address that is meant: IPv4 inside IPv6 is taken out, a zone is dropped. null when it is no address. */
function unwrap(ip: string): string | null {
  const [address = ""] = ip.split("%");
  if (isIP(address) === 4) {
    return address;
  }
  const groups = isIP(address) === 6 ? expand(address) : null;
  if (groups === null) {
    return null;
  }
  const text = groups.map((group) => group.toString(16).padStart(4, "0")).join("");
  const embedded =
    // ::ffff:a.b.c.d (mapped), ::a.b.c.d (compatible, deprecated; not :: and ::1), ::ffff:0:a.b.c.d (translated)
    /^(?:0{20}ffff|0{24}(?!0000000[01])|0{16}ffff0000)([0-9a-f]{8})$/.exec(text)?.[1] ??
    // 64:ff9b::/96 and 64:ff9b:1::/48 (NAT64)
    /^0064ff9b(?:0{16}|0001[0-9a-f]{12})([0-9a-f]{8})$/.exec(text)?.[1] ??
    // 2002::/16 (6to4)
    /^2002([0-9a-f]{8})/.exec(text)?.[1];
  return embedded === undefined
    ? address
    : [0, 2, 4, 6].map((at) => Number.parseInt(embedded.slice(at, at + 2), 16)).join(".");
}

/** The eight groups of an IPv6 address. */
function expand(address: string): number[] | null {
  const canonical = SocketAddress.parse(`[${address}]:0`)?.address ?? address;
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(canonical);
  const text = dotted
    ? `${dotted[1]}${hexPair(dotted[2], dotted[3])}:${hexPair(dotted[4], dotted[5])}`
    : canonical;
  const [head = "", tail] = text.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => "0");
  const groups = [...left, ...middle, ...right].map((group) => Number.parseInt(group, 16));
  return groups.length === 8 && groups.every((group) => group >= 0 && group <= 0xffff) ? groups : null;
}

function hexPair(high = "0", low = "0"): string {
  return (Number(high) * 256 + Number(low)).toString(16);
}
