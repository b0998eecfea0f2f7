import "../server-only.ts";
import { eq } from "drizzle-orm";
import type { Actor } from "../../../lib/auth/actor.ts";
import type { Permission } from "../../../lib/auth/permissions.ts";
import { database } from "../../../lib/db/client.ts";
import { instancePasswordPlace } from "../../../lib/db/instance-connection.ts";
import { instances } from "../../../lib/db/schema/instances.ts";
import { createConnections } from "../../../lib/jobs/connections.ts";
import { allowAll } from "../../../lib/registry/egress.ts";
import { seal } from "../../../lib/secrets.ts";
import { seedInstance, seedUser } from "../../../lib/testing/seed.ts";
import { SECRET_KEY } from "../engine/scene.ts";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import { type Attack, BASIC, leaked, PASSWORD, TOKEN, type Trap, trapper, USERNAME } from "./trap.ts";

/** An instance whose password is stored for the honest registry of a trap, and root. */
async function consoleWith(trust: Trust): Promise<{ trap: Trap; instanceId: string; userId: string }> {
  const lay = await trapper(trust);
  const trap = await lay({ reached: true }, "basic");
  trust.cleanup(trap.stop);
  process.env.SECRET_KEY = SECRET_KEY;
  await trust.database();
  const instanceId = await seedInstance(database(), trap.own.origin);
  const passwordSealed = seal(PASSWORD, instancePasswordPlace(instanceId));
  await database()
    .update(instances)
    .set({ username: USERNAME, passwordSealed })
    .where(eq(instances.id, instanceId));
  return { trap, instanceId, userId: await seedUser(database()) };
}

/** Root, as lib/auth would make it. */
function rootOf<P extends Permission>(userId: string, permission: P): Actor<P> {
  const everywhere = { holds: "all", view: "all", operate: "all", manage: "all", receive: "all" };
  const user = { id: userId, username: "root", role: "root" };
  return {
    ...everywhere,
    permission,
    user,
    submission: null,
    request: { id: "trust", ip: null },
  } as unknown as Actor<P>;
}

const formFor = (address: string) =>
  ({
    name: "x",
    region: "",
    address,
    vendor: "generic",
    plainHttp: true,
    username: USERNAME,
    password: "",
  }) as const;

async function overriddenUrl(trust: Trust): Promise<string> {
  const { trap, instanceId, userId } = await consoleWith(trust);
  const { checkConnection, connectionOfForm } = await import("../../../lib/actions/connection.ts");
  const actor = rootOf(userId, "instance:test");
  const spelled = [
    trap.evil.origin,
    trap.evil.origin.replace("127.0.0.1", "localhost"),
    trap.own.origin.replace("127.0.0.1", "localhost"),
  ];
  for (const address of spelled) {
    await checkConnection(connectionOfForm(actor, { ...formFor(address), instanceId }));
  }
  const shown = [...trap.own.requests, ...trap.evil.requests].filter(
    ({ headers }) => headers.authorization === `Basic ${BASIC}`,
  );
  meets(trap.evil.requests.length > 0, "the other address was never asked");
  meets(shown.length === 0, `the stored password was shown ${shown.length} times to another origin`);
  await checkConnection(connectionOfForm(actor, { ...formFor(trap.own.origin), instanceId }));
  const honest = trap.own.requests.filter(({ headers }) => headers.authorization !== undefined);
  meets(honest.length > 0, "the stored password is not even shown where it belongs");
  return `${spelled.length} other origins: 0 leaks; at its own the stored password is used`;
}

async function editedUrl(trust: Trust): Promise<string> {
  const { trap, instanceId, userId } = await consoleWith(trust);
  const { updateInstance } = await import("../../../lib/data/instance-changes.ts");
  const connections = createConnections(database(), allowAll);
  trust.cleanup(connections.close);
  // The client that has the old password in its hands stays cached until the instance has changed.
  const before = await connections.acquire(instanceId);
  await before.registry.check().catch(() => undefined);
  before.release();
  const input = {
    ...formFor(trap.evil.origin),
    vendor: "distribution",
    instanceId,
    version: 1,
  } as const;
  const refused = await updateInstance(rootOf(userId, "instance:edit"), input).then(
    () => "saved",
    (error: { fields?: { password?: unknown } }) => JSON.stringify(error.fields ?? String(error)),
  );
  meets(refused.includes("password-needed-again"), `moving it without the password: ${refused}`);
  await updateInstance(rootOf(userId, "instance:edit"), { ...input, password: "typed-anew" });
  const after = await connections.acquire(instanceId);
  await after.registry.check().catch(() => undefined);
  after.release();
  meets(trap.evil.requests.length > 0, "the new address was never asked");
  const secrets = leaked(trap.evil).filter((secret) => secret !== "authorization");
  meets(secrets.length === 0, `the new address received ${secrets.join()}`);
  return "refused without the password; with a new one the new address sees only that";
}

async function otherInstance(trust: Trust): Promise<string> {
  const lay = await trapper(trust);
  const token: Attack["token"] = (response, { request }) =>
    void response.end(JSON.stringify({ token: request.headers.authorization ? TOKEN : "of-nobody" }));
  const honest = await lay({ token, reached: false }, "token");
  trust.cleanup(honest.stop);
  // It names the honest one's token server, its service and its scope: what a cache might go by.
  const challenge = () =>
    `Bearer realm="${honest.own.origin}/token",service="registry",scope="repository:app:pull"`;
  const posing = await lay({ challenge, reached: false }, "token");
  trust.cleanup(posing.stop);
  const [good, bad] = [honest.client(), posing.client()];
  for (const registry of [good, bad, good]) {
    await registry
      .repository("app")
      .resolve("latest")
      .catch(() => undefined);
  }
  const tokens = posing.own.requests.filter(({ headers }) => headers.authorization?.includes(TOKEN));
  meets(tokens.length === 0, "the token of one instance was shown to another");
  const bought = honest.own.requests.filter(({ url }) => url.startsWith("/token"));
  const named = bought.filter(({ headers }) => headers.authorization !== undefined);
  meets(named.length === 1, `${named.length} of ${bought.length} tokens were bought by name`);
  return "no token of one instance is shown to another, nor bought with another's password";
}

export const CONSOLE_LEAKS: readonly TrustCase[] = [
  { id: "L28", title: "an instance that poses as another one's, in one process", run: otherInstance },
  { id: "L29", title: "testing a stored instance at another address", run: overriddenUrl },
  { id: "L30", title: "an address that is edited without typing the password again", run: editedUrl },
];
