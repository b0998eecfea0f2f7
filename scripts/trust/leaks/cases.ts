import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import { ATTACKS, type AttackRow } from "./attacks.ts";
import { CONSOLE_LEAKS } from "./console.ts";
import { CONTENT_LEAKS } from "./content.ts";
import { OPERATIONS } from "./operations.ts";
import { leaked, type Manner, trapper } from "./trap.ts";

const MANNERS: readonly Manner[] = ["basic", "token"];

/** Each operation meets the attack, of a registry that wants Basic and of one that wants tokens. */
async function withstands({ ways }: AttackRow, trust: Trust): Promise<string> {
  const lay = await trapper(trust);
  let asked = 0;
  for (const attack of ways) {
    for (const manner of MANNERS) {
      let reached = 0;
      for (const [name, run] of Object.entries(OPERATIONS)) {
        const trap = await lay(attack, manner);
        try {
          await run(trap.client()).catch(() => undefined);
          meets(trap.own.requests.length > 0, `${name}, ${manner}: the registry itself was never asked`);
          const secrets = leaked(trap.evil);
          meets(secrets.length === 0, `${name}, ${manner}: the attacker received ${secrets.join()}`);
          reached += trap.evil.requests.length;
        } finally {
          await trap.stop();
        }
      }
      meets(reached > 0 === attack.reached, `${manner}: the attacker was asked ${reached} times`);
      asked += reached;
    }
  }
  const runs = ways.length * MANNERS.length * Object.keys(OPERATIONS).length;
  return `0 leaks in ${runs} requests; the attacker was asked ${asked} times, without credentials`;
}

/** trust.md E1: 30 ways to have credentials sent where they do not belong. */
export const LEAKS: readonly TrustCase[] = [
  ...ATTACKS.map((row) => ({ id: row.id, title: row.title, run: (trust: Trust) => withstands(row, trust) })),
  ...CONTENT_LEAKS,
  ...CONSOLE_LEAKS,
];
