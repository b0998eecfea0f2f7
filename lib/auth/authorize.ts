import "server-only";
import { eq } from "drizzle-orm";
import { database } from "../db/client.ts";
import { namedGranters } from "../db/granters.ts";
import { grants } from "../db/schema/instances.ts";
import { AppError } from "../errors.ts";
import type { Grant } from "../schemas/instance.ts";
import type { Actor, Held } from "./actor.ts";
import { PERMISSIONS, type Permission, type Requirement } from "./permissions.ts";
import { currentRequest, type SignedInUser } from "./request.ts";
import { currentUser, userOfSession } from "./session.ts";
import { type Ends, endsOf, type Place, placesOf, type Subject } from "./subject.ts";

/** Where a user holds what. */
type Holdings = Record<Grant, Held> & { any: Held };

const NOTHING: Holdings = { view: [], operate: [], manage: [], receive: [], any: [] };
const EVERYTHING: Holdings = { view: "all", operate: "all", manage: "all", receive: "all", any: "all" };

/**
 * Decides whether the signed-in user may do `permission` to `subject`. It is the only maker of an Actor, and every page,
 * route handler and action calls it.
 *
 * @throws {AppError} UNAUTHENTICATED when nobody is signed in; NOT_FOUND when the subject does not exist or the user sees
 *   nothing of it; FORBIDDEN when it is visible and a grant is missing: values `grant`, `instance`, `granters`
 */
export async function authorize<P extends Permission>(
  permission: P,
  subject: Subject = {},
): Promise<Actor<P>> {
  const user = await currentUser();
  if (!user) {
    throw new AppError("UNAUTHENTICATED", "unauthenticated");
  }
  const holdings = user.role === "root" ? EVERYTHING : await holdingsOf(user.id);
  const requirement: Requirement = PERMISSIONS[permission];
  switch (requirement.kind) {
    case "system":
      throw new AppError("FORBIDDEN", "root-only", { values: { granters: await namedGranters() } });
    case "self":
      return makeActor(permission, user, holdings, holdings.any);
    case "root":
      return authorizeRoot(permission, { user, holdings, subject });
    case "grant":
      await checkGrant(requirement, holdings, subject);
      await checkReceive(holdings, subject.targetInstanceIds ?? []);
      return makeActor(permission, user, holdings, holdings[requirement.grant]);
  }
}

type SystemPermission = {
  [P in Permission]: (typeof PERMISSIONS)[P] extends { kind: "system" } ? P : never;
}[Permission];

/** The principal of what happens before anybody is signed in: it holds nothing anywhere. */
export function systemActor<P extends SystemPermission>(permission: P, username: string): Promise<Actor<P>> {
  return powerless(permission, { id: null, username, role: "system" });
}

/** A registry that tells of its pushes: it holds its own instance, and only for this. Whoever calls has seen its token. */
export async function senderActor({ id, name }: Place): Promise<Actor<"event:receive">> {
  const actor = await powerless("event:receive", { id: null, username: name, role: "system" });
  return brand<"event:receive">({ ...actor, holds: [id] });
}

/** Who was refused, for the audit row: it holds nothing anywhere. `claimed` names somebody who did not prove to be it. */
export async function refusedActor(permission: Permission, claimed: string | null): Promise<Actor> {
  const user = await currentUser();
  return powerless(permission, user ?? { id: null, username: claimed ?? "anonymous", role: "system" });
}

/**
 * The same user as before, with what it holds now; for what lives longer than a request.
 * @returns null once the session has ended
 */
export async function refreshActor(
  actor: Actor<"instance:list">,
  sessionHash: string,
): Promise<Actor<"instance:list"> | null> {
  const user = await userOfSession(sessionHash);
  if (!user) {
    return null;
  }
  const { view, operate, manage, receive, any } =
    user.role === "root" ? EVERYTHING : await holdingsOf(user.id);
  return brand<"instance:list">({ ...actor, holds: any, view, operate, manage, receive });
}

async function powerless<P extends Permission>(
  permission: P,
  { id: userId, username, role }: Actor["user"],
): Promise<Actor<P>> {
  const { id, ip } = await currentRequest();
  return brand<P>({
    permission,
    user: { id: userId, username, role },
    holds: [],
    view: [],
    operate: [],
    manage: [],
    receive: [],
    submission: null,
    request: { id, ip },
  });
}

async function authorizeRoot<P extends Permission>(
  permission: P,
  { user, holdings, subject }: { user: SignedInUser; holdings: Holdings; subject: Subject },
): Promise<Actor<P>> {
  if (subject.instanceId !== undefined) {
    await visibleInstance(holdings, subject.instanceId);
  }
  if (user.role !== "root") {
    throw new AppError("FORBIDDEN", "root-only", { values: { granters: await namedGranters() } });
  }
  return makeActor(permission, user, holdings, "all");
}

async function checkGrant(
  { grant, end }: { grant: Grant; end: "source" | "either" | "instance" },
  holdings: Holdings,
  subject: Subject,
): Promise<void> {
  const names = subject.ruleId ?? subject.taskId ?? subject.transferId;
  if (names !== undefined) {
    const ends = await visibleEnds(holdings, subject);
    if (end === "either" || holdsAt(holdings[grant], ends.source.id)) {
      return;
    }
    throw await missingGrant(grant, ends.source);
  }
  if (subject.instanceId !== undefined) {
    const instance = await visibleInstance(holdings, subject.instanceId);
    if (!holdsAt(holdings[grant], instance.id)) {
      throw await missingGrant(grant, instance);
    }
    return;
  }
  await checkSomewhere({ grant, end }, holdings);
}

/** Without a subject: a list shows what one may see, be it nothing; anything else needs the grant somewhere. */
async function checkSomewhere(
  { grant, end }: { grant: Grant; end: "source" | "either" | "instance" },
  holdings: Holdings,
): Promise<void> {
  if (end === "instance" && holdings.any !== "all") {
    throw new AppError("FORBIDDEN", "root-only", { values: { granters: await namedGranters() } });
  }
  if (end === "source" && holdings[grant].length === 0) {
    throw new AppError("FORBIDDEN", "grant-missing-anywhere", {
      values: { grant, granters: await namedGranters() },
    });
  }
}

async function checkReceive(holdings: Holdings, targetInstanceIds: readonly string[]): Promise<void> {
  for (const id of targetInstanceIds) {
    const target = await visibleInstance(holdings, id);
    if (!holdsAt(holdings.receive, id)) {
      throw await missingGrant("receive", target);
    }
  }
}

/** An instance is seen by whoever holds anything on it. */
async function visibleInstance(holdings: Holdings, id: string): Promise<Place> {
  const instance = (await placesOf([id])).get(id.toLowerCase());
  if (!instance || !holdsAt(holdings.any, instance.id)) {
    throw new AppError("NOT_FOUND", "not-found");
  }
  return instance;
}

/** A rule and its tasks are seen by holders of view on the source or on a target. */
async function visibleEnds(holdings: Holdings, subject: Subject): Promise<Ends> {
  const ends = await endsOf(subject);
  if (!ends || ![ends.source, ...ends.targets].some(({ id }) => holdsAt(holdings.view, id))) {
    throw new AppError("NOT_FOUND", "not-found");
  }
  return ends;
}

async function missingGrant(grant: Grant, instance: Place): Promise<AppError> {
  return new AppError("FORBIDDEN", "grant-missing", {
    values: { grant, instance: instance.name, granters: await namedGranters() },
  });
}

async function holdingsOf(userId: string): Promise<Holdings> {
  const rows = await database().select().from(grants).where(eq(grants.userId, userId));
  const where = (holds: (row: (typeof rows)[number]) => boolean): string[] =>
    rows.filter(holds).map((row) => row.instanceId);
  return {
    ...NOTHING,
    view: where((row) => row.level !== null),
    operate: where((row) => row.level === "operate" || row.level === "manage"),
    manage: where((row) => row.level === "manage"),
    receive: where((row) => row.receive),
    any: where(() => true),
  };
}

function holdsAt(held: Held, instanceId: string): boolean {
  return held === "all" || held.includes(instanceId);
}

async function makeActor<P extends Permission>(
  permission: P,
  user: SignedInUser,
  holdings: Holdings,
  holds: Held,
): Promise<Actor<P>> {
  const { id, ip } = await currentRequest();
  const { view, operate, manage, receive } = holdings;
  return brand<P>({
    permission,
    user: { id: user.id, username: user.username, role: user.role },
    holds,
    view,
    operate,
    manage,
    receive,
    submission: null,
    request: { id, ip },
  });
}

/** The brand exists for the compiler only. */
function brand<P extends Permission>(
  actor: Omit<Actor<P>, keyof { [K in keyof Actor as K extends symbol ? K : never]: 0 }>,
): Actor<P> {
  return actor as Actor<P>;
}
