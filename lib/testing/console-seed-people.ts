import { grants } from "../db/schema/instances.ts";
import { sessions, users } from "../db/schema/people.ts";
import { DAY, HOUR, MINUTE, type Seed } from "./console-seed-base.ts";

type Level = "view" | "operate" | "manage";

/** Who may do what where: `*` stands for every instance. */
interface Person {
  username: string;
  displayName: string;
  root?: true;
  disabled?: true;
  lastSignInAgo?: number;
  grants?: Record<string, { level?: Level; receive?: true }>;
}

const PEOPLE: readonly Person[] = [
  { username: "zhoumin", displayName: "周敏", root: true, lastSignInAgo: 4 * MINUTE },
  {
    username: "chenli",
    displayName: "陈立",
    lastSignInAgo: 2 * HOUR,
    grants: {
      shanghai: { level: "manage", receive: true },
      singapore: { level: "operate", receive: true },
      frankfurt: { level: "view" },
    },
  },
  {
    username: "viewer",
    displayName: "Ada Lovelace",
    lastSignInAgo: DAY,
    grants: { shanghai: { level: "view" } },
  },
  {
    username: "receiver",
    displayName: "接收方",
    grants: { singapore: { receive: true }, beijing: { receive: true } },
  },
  { username: "operator", displayName: "", lastSignInAgo: 9 * DAY, grants: { "*": { level: "operate" } } },
  { username: "nobody", displayName: "刚来的人" },
  {
    username: "left",
    displayName: "已离职",
    disabled: true,
    lastSignInAgo: 45 * DAY,
    grants: { shanghai: { level: "manage" } },
  },
  {
    username: "a-user-name-that-is-as-long-as-a-user-name-can-be-0123456789ab",
    displayName: "Wolfeschlegelsteinhausenbergerdorff, Hubert Blaine",
    grants: { hangzhou: { level: "manage", receive: true } },
  },
  { username: "markup", displayName: "<b>bold</b> & \u202dplain", grants: { london: { level: "view" } } },
];

/** Everybody signs in with the password of `passwordHash`; `alone`: root and nobody else. @returns the ids by user name */
export async function seedPeople(
  seed: Seed,
  passwordHash: string,
  { instances, alone = false }: { instances: Readonly<Record<string, string>>; alone?: boolean },
): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const [index, person] of PEOPLE.filter(({ root }) => root || !alone).entries()) {
    const id = seed.id((95 - index) * DAY);
    ids[person.username] = id;
    await seed.db.insert(users).values({
      id,
      username: person.username,
      displayName: person.displayName,
      role: person.root ? "root" : "sub-account",
      passwordHash,
      disabledAt: person.disabled ? seed.ago(40 * DAY) : null,
      lastSignInAt: person.lastSignInAgo === undefined ? null : seed.ago(person.lastSignInAgo),
      createdAt: seed.ago((95 - index) * DAY),
    });
    const rows = Object.entries(person.grants ?? {}).flatMap(([key, grant]) =>
      (key === "*" ? Object.values(instances) : [instances[key]])
        .filter((instanceId) => instanceId !== undefined)
        .map((instanceId) => ({
          userId: id,
          instanceId,
          level: grant.level ?? null,
          receive: grant.receive ?? false,
        })),
    );
    if (rows.length > 0) {
      await seed.db.insert(grants).values(rows);
    }
  }
  await seedSessions(seed, ids.zhoumin ?? "");
  return ids;
}

const AGENTS = [
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
];

async function seedSessions(seed: Seed, userId: string): Promise<void> {
  await seed.db.insert(sessions).values(
    AGENTS.map((userAgent, index) => ({
      idHash: String(index + 1).repeat(64),
      userId,
      createdAt: seed.ago((index + 1) * DAY),
      lastSeenAt: seed.ago(index * HOUR + 20 * MINUTE),
      expiresAt: new Date(seed.now + 3 * DAY),
      ip: `10.20.${index}.7`,
      userAgent,
    })),
  );
}
