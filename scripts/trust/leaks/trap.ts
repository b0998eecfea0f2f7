import type { ServerResponse } from "node:http";
import { allowAll } from "../../../lib/registry/egress.ts";
import { createRegistry } from "../../../lib/registry/remote-registry.ts";
import type { Registry } from "../../../lib/registry/repository.ts";
import { createTestCa, type TestCa } from "../../../lib/testing/certificates.ts";
import { startFaultProxy } from "../../../lib/testing/fault-proxy/fault-proxy.ts";
import {
  type RecordedRequest,
  type ScriptedRegistry,
  scriptedRegistry,
} from "../../../lib/testing/scripted-registry.ts";
import type { Trust } from "../trust-case.ts";

export const USERNAME = "robot";
export const PASSWORD = "canary-registry-password";
export const TOKEN = "canary-bearer-token";
export const BASIC = Buffer.from(`${USERNAME}:${PASSWORD}`).toString("base64");
/** Nothing of this may be in what an attacker receives: not even the name of the header. */
const SECRETS = [PASSWORD, encodeURIComponent(PASSWORD), BASIC, TOKEN, "authorization"];

export interface Places {
  /** The registry that holds the attack. */
  own: string;
  /** The attacker's listener: the same host, another port, plain HTTP. */
  evil: string;
  request: RecordedRequest;
}

/** What a registry that means ill does, or one that somebody writes into. */
export interface Attack {
  /** What the registry says to who has not shown credentials; by default Basic or its own token server. */
  challenge?: (places: Places) => string;
  /** What its own token server answers. */
  token?: (response: ServerResponse, places: Places) => void;
  /** What it answers to who has. */
  answer?: (response: ServerResponse, places: Places) => void;
  /** What the attacker's listener answers; by default `{"token":…}`. */
  evil?: (response: ServerResponse, places: Places) => void;
  /** Whether the attacker is asked at all, without credentials. */
  reached: boolean;
  /** The registry is behind TLS; the attacker never is. */
  tls?: boolean;
  /** The registry is known by a name, not by its address. */
  named?: boolean;
}

/** How the registry wants to be talked to. */
export type Manner = "basic" | "token";

export interface Trap {
  readonly own: ScriptedRegistry;
  readonly evil: ScriptedRegistry;
  /** The product's client of the registry, with a user name and the password. */
  client(): Registry;
  stop(): Promise<void>;
}

/** Lays traps, with one authority for those behind TLS. */
export async function trapper(trust: Trust): Promise<(attack: Attack, manner: Manner) => Promise<Trap>> {
  let ca: Promise<TestCa> | undefined;
  trust.cleanup(async () => (await ca)?.remove());
  return async (attack, manner) => {
    ca ??= attack.tls ? createTestCa() : undefined;
    return layTrap(attack, manner, attack.tls ? await ca : undefined);
  };
}

async function layTrap(attack: Attack, manner: Manner, ca: TestCa | undefined): Promise<Trap> {
  let origin = "";
  const places = (request: RecordedRequest): Places => ({ own: origin, evil: evil.origin, request });
  const evil: ScriptedRegistry = await scriptedRegistry((request, response) => {
    if (attack.evil) {
      attack.evil(response, places(request));
    } else {
      response.end('{"token":"of-the-attacker"}');
    }
  });
  const own: ScriptedRegistry = await scriptedRegistry((request, response) =>
    answerAsTold(attack, manner, response, places(request)),
  );
  const tls = await ca?.issue();
  const front = tls && (await startFaultProxy(own.origin, { tls }));
  origin = front?.origin ?? (attack.named ? own.origin.replace("127.0.0.1", "localhost") : own.origin);
  const registries: Registry[] = [];
  return {
    own,
    evil,
    client() {
      const registry = createRegistry({
        ...{ address: origin, vendor: "generic", plainHttp: ca === undefined, egress: allowAll },
        ...{ username: USERNAME, password: PASSWORD, caCertificate: ca?.certificate, retries: 0 },
      });
      registries.push(registry);
      return registry;
    },
    async stop() {
      await Promise.all(registries.map((registry) => registry.close()));
      await Promise.all([own.stop(), evil.stop(), front?.stop()]);
    },
  };
}

function answerAsTold(attack: Attack, manner: Manner, response: ServerResponse, places: Places): void {
  const { url, headers } = places.request;
  const known = [`Basic ${BASIC}`, `Bearer ${TOKEN}`].includes(headers.authorization ?? "");
  if (url.startsWith("/token")) {
    const give = attack.token ?? (() => void response.end(JSON.stringify({ token: TOKEN })));
    give(response, places);
  } else if (known) {
    const refuse = attack.answer ?? (() => void response.writeHead(404).end());
    refuse(response, places);
  } else {
    const wantsToken = manner === "token" || attack.token !== undefined;
    const usual = wantsToken ? bearer(`${places.own}/token`) : 'Basic realm="registry"';
    response.writeHead(401, { "www-authenticate": attack.challenge?.(places) ?? usual }).end();
  }
}

export function bearer(realm: string): string {
  return `Bearer realm="${realm}",service="registry"`;
}

/** What of ours is in what somebody received. */
export function leaked({ requests }: ScriptedRegistry): string[] {
  const received = JSON.stringify(
    requests.map(({ url, headers, body }) => [url, headers, body.toString("latin1")]),
  );
  return SECRETS.filter((secret) => received.includes(secret));
}
