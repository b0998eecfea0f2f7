import "../server-only.ts";
import { egressRule } from "../../../lib/registry/egress.ts";
import { createRegistry } from "../../../lib/registry/remote-registry.ts";
import type { Registry } from "../../../lib/registry/repository.ts";
import { digestOf } from "../../../lib/registry/verify.ts";
import { freePort } from "../../../lib/testing/free-port.ts";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import { isBlocked } from "./doors.ts";
import { HONEST_ONLY, openGround } from "./ground.ts";

async function userInfo(trust: Trust): Promise<string> {
  const ground = await openGround(trust);
  const spelled = [
    "registry.example.com@127.0.0.1",
    "registry.example.com:443@127.0.0.1",
    "127.0.0.9@127.0.0.2",
  ];
  for (const host of spelled) {
    await isBlocked(`http://${host}:${ground.port}`, HONEST_ONLY, ground);
  }
  return `${spelled.length} spellings refused`;
}

async function schemes(trust: Trust): Promise<string> {
  const ground = await openGround(trust);
  const urls = [
    "file:///etc",
    "gopher://127.0.0.1:6379",
    "ftp://127.0.0.1",
    "data:text,x",
    "unix:/run/x.sock",
  ];
  for (const url of urls) {
    await isBlocked(url, HONEST_ONLY, ground);
  }
  return `${urls.map((url) => url.split(":")[0]).join(", ")}: refused at every door`;
}

/** Of the honest registry, which says where to go on. */
async function refuses(registry: Registry, use: (registry: Registry) => Promise<unknown>): Promise<void> {
  const end = await use(registry).then(
    () => "answered",
    (error: { code?: string }) => error.code,
  );
  meets(end === "REDIRECT_REFUSED", `ended with ${end}`);
}

async function onwards(trust: Trust): Promise<string> {
  const ground = await openGround(trust);
  const registry = createRegistry({
    ...{ address: ground.origin, vendor: "generic", plainHttp: true, retries: 0 },
    egress: egressRule([...HONEST_ONLY]),
  });
  trust.cleanup(() => registry.close());
  const inside = `http://127.0.0.1:${ground.port}`;
  ground.point({ status: 202, location: `${inside}/upload` });
  const blob = { mediaType: "application/octet-stream", digest: digestOf(Buffer.from("x")), size: 1 };
  await refuses(registry, (to) => to.repository("app").openUpload(blob));
  ground.point({ link: `${inside}/v2/_catalog` });
  await refuses(registry, async (from) => {
    for await (const page of from.repositories()) {
      void page;
    }
  });
  ground.nothingDialled("an upload's Location, and a Link");
  return "an upload's Location and a page's Link to the inside are refused";
}

/** gitlab#293733: one exception switched the protection off for everything. */
async function oneException(trust: Trust): Promise<string> {
  const ground = await openGround(trust);
  const others = [
    "127.0.0.1",
    "127.0.0.2",
    "127.0.0.10",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "10.0.0.1",
    "169.254.169.254",
  ];
  for (const host of others) {
    await isBlocked(`http://${host}:${ground.port}`, HONEST_ONLY, ground);
  }
  return `one address allowed: ${others.length} others stay closed`;
}

/** What the environment says of proxies is for other programs: a proxy would dial in our place, unseen by the rule. */
async function proxies(trust: Trust): Promise<string> {
  const ground = await openGround(trust);
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "NODE_USE_ENV_PROXY"];
  const before = names.map((name) => [name, process.env[name]] as const);
  trust.cleanup(() => {
    for (const [name, value] of before) {
      if (value === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = value;
      }
    }
  });
  for (const name of names) {
    process.env[name] = name === "NODE_USE_ENV_PROXY" ? "1" : `http://127.0.0.1:${ground.port}`;
  }
  const registry = createRegistry({
    ...{ address: ground.origin, vendor: "generic", plainHttp: true, retries: 0 },
    egress: egressRule([...HONEST_ONLY]),
  });
  trust.cleanup(() => registry.close());
  await registry.check();
  ground.nothingDialled("with a proxy in the environment");
  return `${names.join(", ")} are not heard`;
}

/** E3: who tests connections must not learn what listens inside (CVE-2020-13788). */
async function alike(trust: Trust): Promise<string> {
  const ground = await openGround(trust);
  const { checkConnection } = await import("../../../lib/actions/connection.ts");
  const reportOf = async (address: string) => {
    const report = await checkConnection({ address, vendor: "generic", plainHttp: true });
    return JSON.stringify({ ...report, latencyMs: 0 });
  };
  // 127.0.0.1 is what the operator of the cases allows; nobody listens there.
  const closed = await reportOf(`http://127.0.0.1:${await freePort()}`);
  const blocked = ["127.0.0.2", "[::1]", "10.0.0.1", "169.254.169.254", "[fe80::1]", "[::ffff:127.0.0.2]"];
  for (const host of blocked) {
    const report = await reportOf(`http://${host}:${ground.port}`);
    meets(report === closed, `${host}: ${report}, a closed port: ${closed}`);
  }
  return `${blocked.length} blocked addresses answer like a closed port: ${closed}`;
}

export const TRICKS: readonly TrustCase[] = [
  { id: "N55", title: "another host as user information", run: userInfo },
  { id: "N56", title: "schemes that are not HTTP", run: schemes },
  { id: "N57", title: "an upload's Location and a page's Link to the inside", run: onwards },
  { id: "N58", title: "allowing one address opens no other", run: oneException },
  { id: "N59", title: "proxies of the environment", run: proxies },
  { id: "N60", title: "a blocked address and a closed port answer alike (E3)", run: alike },
];
