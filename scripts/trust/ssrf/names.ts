import dns, { type LookupAddress } from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import { egressRule } from "../../../lib/registry/egress.ts";
import { createRegistry } from "../../../lib/registry/remote-registry.ts";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import { isBlocked } from "./doors.ts";
import { HONEST_ADDRESS, HONEST_ONLY, openGround } from "./ground.ts";

const NAME = "registry.example.com";
type Answer = readonly string[] | "ENOTFOUND" | "ESERVFAIL" | "EAI_AGAIN";

/** The resolver of the system answers for one name as told: each question takes the next answer, the last one stays. */
function resolver(trust: Trust, answers: readonly Answer[]): void {
  const real = dns.lookup;
  let asked = 0;
  const told = (
    name: string,
    _options: unknown,
    callback: (error: Error | null, addresses: LookupAddress[]) => void,
  ): void => {
    const answer = answers[Math.min(asked++, answers.length - 1)] ?? [];
    if (name !== NAME) {
      callback(Object.assign(new Error(`asked for ${name}`), { code: "ENOTFOUND" }), []);
    } else if (typeof answer === "string") {
      callback(Object.assign(new Error(answer), { code: answer }), []);
    } else {
      callback(
        null,
        answer.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );
    }
  };
  dns.lookup = told as unknown as typeof dns.lookup;
  syncBuiltinESMExports();
  trust.cleanup(() => {
    dns.lookup = real;
    syncBuiltinESMExports();
  });
}

async function leadsTo(trust: Trust, ...addresses: string[]): Promise<string> {
  const ground = await openGround(trust);
  for (const address of addresses) {
    resolver(trust, [[address]]);
    await isBlocked(`http://${NAME}:${ground.port}`, HONEST_ONLY, ground);
  }
  return `${addresses.join(", ")}: refused, nothing dialled`;
}

function honestByName(ground: { origin: string }) {
  const address = ground.origin.replace(HONEST_ADDRESS, NAME);
  return createRegistry({
    ...{ address, vendor: "generic", plainHttp: true, egress: egressRule([...HONEST_ONLY]), retries: 0 },
  });
}

/** Allowed when it is looked at, the loopback when it is used: what counts is the address that is connected. */
async function rebinding(trust: Trust): Promise<string> {
  const ground = await openGround(trust);
  resolver(trust, [[HONEST_ADDRESS], ["127.0.0.1"]]);
  const registry = honestByName(ground);
  trust.cleanup(() => registry.close());
  const { tags } = registry.repository("app");
  const read = async () => {
    for await (const page of tags.call(registry.repository("app"))) {
      void page;
    }
  };
  await read();
  meets(ground.asked() === 1, "the honest address was not asked first");
  const second = await read().then(
    () => "answered",
    (error: { code?: string }) => error.code,
  );
  meets(second === "EGRESS_DENIED", `the second connection: ${second}`);
  ground.nothingDialled("after the name has moved");
  return "first honest, then 127.0.0.1: the second connection is refused";
}

async function oneBadOfTwo(trust: Trust): Promise<string> {
  const ground = await openGround(trust);
  for (const addresses of [
    [HONEST_ADDRESS, "127.0.0.1"],
    ["127.0.0.1", HONEST_ADDRESS],
    ["::1", HONEST_ADDRESS],
  ]) {
    resolver(trust, [addresses]);
    const registry = honestByName(ground);
    const { canList } = await registry.check().finally(() => registry.close());
    meets(canList, `${addresses.join()}: the honest address is not used`);
    ground.nothingDialled(addresses.join());
  }
  return "three orders: only the address that is allowed is dialled";
}

async function noAnswer(trust: Trust): Promise<string> {
  const ground = await openGround(trust);
  for (const answer of ["ENOTFOUND", "ESERVFAIL", "EAI_AGAIN", []] as const) {
    resolver(trust, [answer]);
    await isBlocked(`http://${NAME}:${ground.port}`, HONEST_ONLY, ground, ["DNS", "EGRESS_DENIED"]);
  }
  return "not found, a failing resolver, one that is away, an empty answer: nothing dialled";
}

export const NAMES: readonly TrustCase[] = [
  {
    id: "N50",
    title: "a name that leads to IPv4 of the inside",
    run: (trust) => leadsTo(trust, "127.0.0.1", "10.0.0.1", "169.254.169.254"),
  },
  {
    id: "N51",
    title: "a name that leads to IPv6 of the inside",
    run: (trust) => leadsTo(trust, "::1", "::ffff:127.0.0.1", "fe80::1", "fd00:ec2::254"),
  },
  { id: "N52", title: "DNS rebinding", run: rebinding },
  { id: "N53", title: "several addresses, one of them of the inside", run: oneBadOfTwo },
  { id: "N54", title: "a name that cannot be resolved fails closed", run: noAnswer },
];
