import { createHmac } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { database } from "../../../lib/db/client.ts";
import { eventAddresses, events } from "../../../lib/db/schema/events.ts";
import { hashToken, makeToken } from "../../../lib/events/sender-proof.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { openEventWorld, pushOf, type Sender, tell } from "./event-world.ts";

interface Forgery {
  readonly how: string;
  readonly url: string;
  readonly headers: Record<string, string>;
}

export const g1: TrustCase = {
  id: "G1",
  title:
    "forged events: none, wrong, truncated, another instance's token, other case, in header, path and signature",
  async run(trust) {
    const world = await openEventWorld(trust);
    const [header, path, other] = [
      await world.sender("generic"),
      await world.sender("quay"),
      await world.sender("generic"),
    ] as const;
    const body = JSON.stringify(pushOf("1.0"));
    const forgeries = [
      ...ofHeader(header, other),
      ...ofPath(path, other),
      ...ofSignature(header, path, body),
    ];
    const wanted = trust.full ? 200 : 60;
    const tried = Array.from({ length: wanted }, (_, n) => forgeries[n % forgeries.length]).filter(
      (forgery) => forgery !== undefined,
    );
    const accepted: string[] = [];
    for (const { how, url, headers } of tried) {
      const { status } = await tell({ url, token: "" }, body, headers);
      // 404 for a path that is none of ours.
      if (status !== 401 && status !== 404) {
        accepted.push(`${how}: ${status}`);
      }
    }
    const believed = await database().$count(events, sql`${events.state} <> 'refused'`);
    meets(
      accepted.length === 0 && believed === 0,
      `${accepted.length}/${tried.length} not refused, ${believed} events written: ${accepted.slice(0, 5).join(", ")}`,
    );
    const rotation = await rotated(header, body);
    meets((await tell(header, body)).status === 401, "a token that was replaced twice still counts");
    return `0/${tried.length} accepted (${forgeries.length} kinds); ${rotation}`;
  },
};

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

function ofHeader({ url, token }: Sender, other: Sender): Forgery[] {
  const swapped = token.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
  const wrong: Record<string, Record<string, string>> = {
    none: {},
    empty: { authorization: "" },
    "no token": { authorization: "Bearer" },
    "another instance's": bearer(other.token),
    "upper case": bearer(token.toUpperCase()),
    "lower case": bearer(token.toLowerCase()),
    "swapped case": bearer(swapped),
    longer: bearer(`${token}x`),
    "a new one": bearer(makeToken()),
    hash: bearer(hashToken(token)),
    "in another header": { "x-authorization": `Bearer ${token}`, "x-auth-token": token },
    "as a user": { authorization: `Basic ${Buffer.from(`${token}:`).toString("base64")}` },
    "two of them": { authorization: `Bearer ${token}, Bearer ${token}` },
    "a cookie": { cookie: `lockstep-session=${token}` },
  };
  const truncated = Array.from({ length: token.length }, (_, n) => ({
    how: `truncated to ${n}`,
    url,
    headers: bearer(token.slice(0, n)),
  }));
  const named = Object.entries(wrong).map(([how, headers]) => ({ how, url, headers }));
  const misplaced = [
    { how: "a header's token in the path", url: `${url}/${token}`, headers: {} },
    { how: "… in the query", url: `${url}?token=${token}`, headers: {} },
    { how: "at another instance", url: other.url, headers: bearer(token) },
  ];
  return [...named, ...misplaced, ...truncated];
}

function ofPath({ url, token }: Sender, other: Sender): Forgery[] {
  const segments: Record<string, string> = {
    "no segment": "",
    "another instance's": `/${other.token}`,
    "upper case": `/${token.toUpperCase()}`,
    truncated: `/${token.slice(0, -1)}`,
    longer: `/${token}x`,
    "with a slash": `/${token}/x`,
    twice: `/${token}/${token}`,
    "encoded slash": `/%2f${token}`,
  };
  const named = Object.entries(segments).map(([how, end]) => ({
    how: `path, ${how}`,
    url: url + end,
    headers: {},
  }));
  return [...named, { how: "a path's token in a header", url, headers: bearer(token) }];
}

/** A signature where a header or a path is the way of proof. */
function ofSignature(header: Sender, path: Sender, body: string): Forgery[] {
  return [header, path].map(({ url, token }) => ({
    how: "a signature where it does not count",
    url,
    headers: { "x-hub-signature-256": `sha256=${createHmac("sha256", token).update(body).digest("hex")}` },
  }));
}

/** A new token is good at once, the one before until the overlap ends. */
async function rotated(sender: Sender, body: string): Promise<string> {
  const fresh = makeToken();
  const set = (values: object) =>
    database().update(eventAddresses).set(values).where(eq(eventAddresses.instanceId, sender.id));
  await set({
    tokenHash: hashToken(fresh),
    previousHash: hashToken(sender.token),
    previousUntil: sql`now() + interval '1 day'`,
  });
  const during = [await tell(sender, body), await tell({ ...sender, token: fresh }, body)];
  meets(
    during.every(({ status }) => status === 202),
    `while both count: ${during.map(({ status }) => status).join(", ")}`,
  );
  await set({ previousUntil: sql`now() - interval '1 second'` });
  meets((await tell({ ...sender, token: fresh }, body)).status === 202, "the new token stopped to count");
  return "old and new token count during the overlap, then the new one alone";
}
