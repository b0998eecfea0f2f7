import type { Trust, TrustCase } from "../trust-case.ts";
import { DOORS, isBlocked, REFUSALS } from "./doors.ts";
import { EVERYTHING, HONEST_ONLY, openGround } from "./ground.ts";

/** Spellings of an address of the loopback: what a URL turns them into is dialled, or not. */
const LOOPBACK = [
  ...["127.0.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001"],
  ...["127.1", "127.0.1", "127.0.0.1.", "127.255.255.254", "localhost", "LOCALHOST", "localhost."],
  ...["[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:0:127.0.0.1]"],
  ...["[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[::127.0.0.1]"],
  ...["１２７.０.０.１", "127。0。0。1", "①②⑦.⓪.⓪.①", "%31%32%37.0.0.1"],
];
const PRIVATE = ["10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "198.18.0.1", "[fd12:3456::1]"];
/** Metadata services, link-local, unspecified, multicast, broadcast: whatever the operator allows. */
const NEVER = [
  ...["0.0.0.0", "0", "[::]", "169.254.169.254", "2852039166", "169.254.0.1", "100.100.100.200"],
  ...["168.63.129.16", "192.0.0.192", "[fd00:ec2::254]", "[fd20:ce::254]", "[::ffff:169.254.169.254]"],
  ...["[64:ff9b::a9fe:a9fe]", "[fe80::1]", "224.0.0.1", "[ff02::1]", "255.255.255.255"],
];

const ROWS = [
  ...[...LOOPBACK, ...PRIVATE].map((host) => ({ host, allow: HONEST_ONLY, what: "is not allowed" })),
  ...NEVER.map((host) => ({ host, allow: EVERYTHING, what: "although everything is allowed" })),
];

export const ADDRESSES: readonly TrustCase[] = ROWS.map(({ host, allow, what }, nth) => ({
  id: `N${String(nth + 1).padStart(2, "0")}`,
  title: `${host} ${what}`,
  async run(trust: Trust) {
    const ground = await openGround(trust);
    // The header of a redirect holds ASCII alone: other scripts travel as a client would write them.
    const url = `http://${/[^\x20-\x7e]/.test(host) ? encodeURIComponent(host) : host}:${ground.port}`;
    // Whether there is a `localhost.` is for the resolver of the system to say.
    const codes = host.endsWith("localhost.") ? [...REFUSALS, "DNS"] : REFUSALS;
    await isBlocked(url, allow, ground, codes);
    return `refused at ${Object.keys(DOORS).length} doors, nothing dialled`;
  },
}));
