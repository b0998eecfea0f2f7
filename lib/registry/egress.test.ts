import { describe, expect, test } from "vitest";
import { allowAll, egressRule } from "./egress.ts";

const PUBLIC = [
  "8.8.8.8",
  "1.1.1.1",
  "2606:4700:4700::1111",
  "::ffff:8.8.8.8",
  "64:ff9b::808:808",
  "100.128.0.1",
];

/** Denied even when the operator allows everything: there is nothing there that a registry could be. */
const NEVER = [
  "0.0.0.0",
  "0.1.2.3",
  "::",
  "169.254.169.254",
  "169.254.0.1",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.255",
  "fe80::1",
  "fe80::1%eth0",
  "febf::1",
  "ff02::1",
  "fd00:ec2::254",
  "fd20:ce::254",
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "::169.254.169.254",
  "64:ff9b::169.254.169.254",
  "64:ff9b::a9fe:a9fe",
  "64:ff9b:1::a9fe:a9fe",
  "2002:a9fe:a9fe::1",
  "0:0:0:0:0:ffff:a9fe:a9fe",
];

const BY_PERMISSION = [
  "127.0.0.1",
  "127.255.255.254",
  "10.0.0.1",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "100.64.0.1",
  "198.18.0.1",
  "::1",
  "fc00::1",
  "fdff::1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "::127.0.0.1",
  "64:ff9b::7f00:1",
  "64:ff9b::10.0.0.1",
  "2002:7f00:1::",
  "::ffff:0:127.0.0.1",
];

const NO_ADDRESS = [
  "",
  "localhost",
  "127.1",
  "2130706433",
  "0x7f000001",
  "0177.0.0.1",
  "[::1]",
  "1.2.3.4.",
  "::g",
  "1:2:3",
];

describe("without permissions", () => {
  const rule = egressRule([]);
  test.each(PUBLIC)("%s may be dialled", (ip) => expect(rule.allows(ip)).toBe(true));
  test.each([...NEVER, ...BY_PERMISSION, ...NO_ADDRESS])("%j may not", (ip) =>
    expect(rule.allows(ip)).toBe(false),
  );
});

describe("with everything permitted", () => {
  const rule = egressRule(["0.0.0.0/0", "::/0"]);
  test.each([...PUBLIC, ...BY_PERMISSION])("%s may be dialled", (ip) => expect(rule.allows(ip)).toBe(true));
  test.each([...NEVER, ...NO_ADDRESS])("%j may not", (ip) => expect(rule.allows(ip)).toBe(false));
});

test("permission for one address opens no other", () => {
  const rule = egressRule(["127.0.0.1", "10.1.0.0/16", " fd12::/16 "]);
  for (const ip of ["127.0.0.1", "::ffff:127.0.0.1", "10.1.255.1", "fd12::5"]) {
    expect(rule.allows(ip), ip).toBe(true);
  }
  for (const ip of [
    "127.0.0.2",
    "10.2.0.1",
    "10.0.0.1",
    "192.168.0.1",
    "::1",
    "fd13::5",
    "169.254.169.254",
  ]) {
    expect(rule.allows(ip), ip).toBe(false);
  }
});

test.each([
  "",
  "localhost",
  "10.0.0.0/33",
  "10.0.0.0/-1",
  "10.0.0.0/",
  "10.0.0.0/8/8",
  "::/129",
  "10.0/8",
  "*",
])("%j is no CIDR, and is said to be none", (cidr) => expect(() => egressRule([cidr])).toThrow(TypeError));

test("the CLI dials what its operator named", () => {
  expect(allowAll.allows("127.0.0.1")).toBe(true);
});
