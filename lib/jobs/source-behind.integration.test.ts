import { eq, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { database } from "../db/client.ts";
import { events } from "../db/schema/events.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import { type Artifact, image, index, layer, MEDIA } from "../testing/content.ts";
import { testDatabase } from "../testing/database.ts";
import { type DockerRegistry, startDockerRegistry } from "../testing/docker-registry.ts";
import { pushContent } from "../testing/push-content.ts";
import { seedInstance, seedRule } from "../testing/seed.ts";
import { DeletionWorld } from "./deletions/deletion-world.testing.ts";
import { takeEvents } from "./take-events.ts";

// Rules that lead back to where they came from: the older content does not win (ARCHITECTURE.md). Each order of events is a test;
// registries are real ones, and the jobs of a worker run one after the other, so that every order is the one that is written here.

let world: DeletionWorld;
let registries: DockerRegistry[];
beforeAll(async () => {
  const testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  world = await DeletionWorld.open(testDb);
  registries = await Promise.all([startDockerRegistry(), startDockerRegistry(), startDockerRegistry()]);
});
afterAll(async () => {
  await Promise.all(registries?.map((registry) => registry.stop()) ?? []);
  await world?.close();
});

const TAG = "1.0";
const content = (name: string): Artifact => image({ layers: [layer(name, 2_000)] });
const [first, second, third] = [content("first"), content("second"), content("third")];

/** An instance in a namespace of the test's own. */
class Place {
  readonly registry: DockerRegistry;
  readonly repository: string;
  readonly instanceId: string;

  private constructor(registry: DockerRegistry, repository: string, instanceId: string) {
    this.registry = registry;
    this.repository = repository;
    this.instanceId = instanceId;
  }

  static async at(registry: DockerRegistry, namespace: string): Promise<Place> {
    return new Place(registry, `${namespace}/app`, await seedInstance(database(), registry.origin));
  }

  async push(artifact: Artifact): Promise<void> {
    await pushContent(this.registry.origin, this.repository, TAG, artifact);
  }

  /** The registry tells of a push. */
  async told(artifact: Artifact | null, state: "accepted" | "ignored" = "accepted"): Promise<void> {
    // In the order in which they came, also within a millisecond.
    const id = uuidv7();
    const { instanceId, repository } = this;
    const digest = artifact?.manifest.digest ?? null;
    const told = { id, instanceId, dialect: "generic", eventId: id, action: "push", state } as const;
    await database()
      .insert(events)
      .values({ ...told, repository, tag: TAG, digest });
  }

  /** … and what follows of that is done. */
  async tell(artifact: Artifact | null): Promise<void> {
    await this.told(artifact);
    await takeEvents(database());
    await world.work();
  }

  /** What the registry says that the tag names. */
  async digest(): Promise<string | null> {
    const answer = await fetch(`${this.registry.origin}/v2/${this.repository}/manifests/${TAG}`, {
      method: "HEAD",
      headers: { accept: `${MEDIA.manifest}, ${MEDIA.index}` },
    });
    return answer.headers.get("docker-content-digest");
  }
}

let serial = 0;
let namespace: string;
beforeEach(() => {
  serial += 1;
  namespace = `ring${serial}`;
});

async function places<const N extends 2 | 3>(
  count: N,
): Promise<N extends 2 ? [Place, Place] : [Place, Place, Place]> {
  const made = registries.slice(0, count).map((registry) => Place.at(registry, namespace));
  return (await Promise.all(made)) as N extends 2 ? [Place, Place] : [Place, Place, Place];
}

type Columns = Partial<typeof rules.$inferInsert>;

async function rule(from: Place, to: readonly Place[], columns: Columns = {}): Promise<string> {
  const id = await seedRule(database(), {
    sourceInstanceId: from.instanceId,
    targetInstanceIds: to.map(({ instanceId }) => instanceId),
    sourceNamespace: namespace,
    override: true,
  });
  await database()
    .update(rules)
    .set({ enabled: true, ...columns })
    .where(eq(rules.id, id));
  return id;
}

/** A sweep of a rule: what became of the tag, target by target, with why. */
async function sweep(ruleId: string): Promise<string[]> {
  const taskId = await world.sync(ruleId);
  const rows = await database().select().from(transfers).where(eq(transfers.taskId, taskId));
  const [task] = await database().select().from(tasks).where(eq(tasks.id, taskId));
  expect(task?.status).toBe("succeeded");
  return rows.map(({ status, reason }) => [status, reason].filter(Boolean).join(" ")).toSorted();
}

async function expectAt(place: Place, artifact: Artifact): Promise<void> {
  expect(await place.digest()).toBe(artifact.manifest.digest);
}

const BEHIND = ["skipped source-behind"];

describe("A→B and B→A, both overwriting", () => {
  async function facing(columns: { there?: Columns; back?: Columns } = {}) {
    const [a, b] = await places(2);
    const there = await rule(a, [b], columns.there);
    const back = await rule(b, [a], columns.back);
    await a.push(first);
    expect(await sweep(there)).toEqual(["copied"]);
    return { a, b, there, back };
  }

  test("a push at A, then a sweep of B→A: the push stays, and A→B brings it", async () => {
    const { a, b, there, back } = await facing();
    await a.push(second);
    expect(await sweep(back)).toEqual(BEHIND);
    await expectAt(a, second);
    expect(await sweep(there)).toEqual(["copied"]);
    await expectAt(b, second);
    expect(await sweep(back)).toEqual(["up-to-date"]);
  });

  test("the same where B→A had found the earlier content in place, or had brought it", async () => {
    const { a, b, there, back } = await facing();
    expect(await sweep(back)).toEqual(["up-to-date"]);
    await b.push(second);
    expect(await sweep(back)).toEqual(["copied"]);
    await a.push(third);
    expect(await sweep(back)).toEqual(BEHIND);
    await expectAt(a, third);
    expect(await sweep(there)).toEqual(["copied"]);
    await expectAt(b, third);
  });

  test("an event without a digest at B, of our own copy, told when A has been pushed to again", async () => {
    const { a, b } = await facing();
    await a.push(second);
    await b.tell(null);
    await expectAt(a, second);
    await a.tell(second);
    await expectAt(b, second);
  });

  test("a push at B comes to A, whatever was copied before: by sweep, by event with a digest and without", async () => {
    const { a, b, back } = await facing();
    await b.push(second);
    expect(await sweep(back)).toEqual(["copied"]);
    await expectAt(a, second);
    await b.push(third);
    await b.tell(third);
    await expectAt(a, third);
    await b.push(first);
    await b.tell(null);
    await expectAt(a, first);
  });

  test("a sweep of A→B meanwhile leaves the push at B alone", async () => {
    const { a, b, there, back } = await facing();
    await b.push(second);
    expect(await sweep(there)).toEqual(BEHIND);
    await expectAt(b, second);
    expect(await sweep(back)).toEqual(["copied"]);
    await expectAt(a, second);
  });

  test("whoever pushes older content at B again, after the newer was copied there, is heard", async () => {
    const { a, b, there, back } = await facing();
    await a.push(second);
    expect(await sweep(there)).toEqual(["copied"]);
    await b.push(first);
    expect(await sweep(there)).toEqual(BEHIND);
    expect(await sweep(back)).toEqual(["copied"]);
    await expectAt(a, first);
    await expectAt(b, first);
  });

  test("… and whoever does so at A, where the newer one came from", async () => {
    const { a, b, there, back } = await facing();
    expect(await sweep(back)).toEqual(["up-to-date"]);
    await a.push(second);
    expect(await sweep(there)).toEqual(["copied"]);
    expect(await sweep(back)).toEqual(["up-to-date"]);
    await a.push(first);
    expect(await sweep(back)).toEqual(BEHIND);
    expect(await sweep(there)).toEqual(["copied"]);
    await expectAt(b, first);
  });

  test("B was something else in between, which only events tell: B is heard", async () => {
    const { a, b, back } = await facing();
    await b.tell(first);
    await a.push(second);
    await b.push(third);
    await b.push(first);
    await b.told(third, "ignored");
    await b.told(first, "ignored");
    expect(await sweep(back)).toEqual(["copied"]);
    await expectAt(a, first);
  });

  test("events of earlier copies that come late are not taken for a push at B", async () => {
    const { a, b, there, back } = await facing();
    await a.push(second);
    expect(await sweep(there)).toEqual(["copied"]);
    await b.told(first, "ignored");
    await b.told(second, "ignored");
    await a.push(third);
    expect(await sweep(back)).toEqual(BEHIND);
    await expectAt(a, third);
  });

  test("both pushed to since: none is the older one, the first to be carried wins", async () => {
    const { a, b, back, there } = await facing();
    await a.push(second);
    await b.push(third);
    expect(await sweep(back)).toEqual(["copied"]);
    await expectAt(a, third);
    expect(await sweep(there)).toEqual(["up-to-date"]);
  });

  test("before anything was copied nobody knows which is older", async () => {
    const [a, b] = await places(2);
    await rule(a, [b]);
    const back = await rule(b, [a]);
    await a.push(first);
    await b.push(second);
    expect(await sweep(back)).toEqual(["copied"]);
    await expectAt(a, second);
  });
});

describe("where nothing would bring the push the other way, a rule that overwrites does", () => {
  const cases: [string, Columns][] = [
    ["A→B overwrites nothing", { override: false }],
    ["A→B is switched off", { enabled: false }],
    ["A→B means other tags", { tagPattern: "2\\..*" }],
    ["A→B means other repositories", { repositoryPattern: "web" }],
    ["A→B means charts, and this is none", { resourceType: "chart" }],
  ];
  test.each(cases)("%s", async (_what, columns) => {
    const [a, b] = await places(2);
    const there = await rule(a, [b]);
    const back = await rule(b, [a]);
    await a.push(first);
    expect(await sweep(there)).toEqual(["copied"]);
    await database()
      .update(rules)
      .set({ ...columns, updatedAt: sql`now()` })
      .where(eq(rules.id, there));
    await a.push(second);
    expect(await sweep(back)).toEqual(["copied"]);
  });

  test("only B→A: a mirror", async () => {
    const [a, b] = await places(2);
    const back = await rule(b, [a]);
    await b.push(first);
    expect(await sweep(back)).toEqual(["copied"]);
    await a.push(second);
    expect(await sweep(back)).toEqual(["copied"]);
    await expectAt(a, first);
  });

  test("a rule that overwrites nothing skips as ever", async () => {
    const [a, b] = await places(2);
    const there = await rule(a, [b]);
    const back = await rule(b, [a], { override: false });
    await a.push(first);
    await sweep(there);
    await a.push(second);
    expect(await sweep(back)).toEqual(["skipped exists"]);
  });
});

describe("one platform of an index goes one way, and digests differ", () => {
  const platforms = { mode: "single" as const, names: ["linux/amd64"] };
  const multi = (name: string) =>
    index(
      ["amd64", "arm64"].map((architecture) =>
        image({ layers: [layer(`${name} ${architecture}`, 2_000)], platform: { os: "linux", architecture } }),
      ),
    );

  test("what came from A is not carried back over the whole, nor over what A has got since", async () => {
    const [a, b] = await places(2);
    const there = await rule(a, [b], { platforms });
    const back = await rule(b, [a]);
    const [whole, newer] = [multi("whole"), multi("newer")];
    await a.push(whole);
    expect(await sweep(there)).toEqual(["copied"]);
    expect(await sweep(back)).toEqual(BEHIND);
    await expectAt(a, whole);
    await a.push(newer);
    expect(await sweep(back)).toEqual(BEHIND);
    await expectAt(a, newer);
    expect(await sweep(there)).toEqual(["copied"]);
    await b.push(third);
    expect(await sweep(back)).toEqual(["copied"]);
    await expectAt(a, third);
  });
});

describe("several targets, and rings of three", () => {
  test("each target by itself: what A got stays, C is brought what B has", async () => {
    const [a, b, c] = await places(3);
    const there = await rule(a, [b]);
    const back = await rule(b, [a, c]);
    await a.push(first);
    await sweep(there);
    await c.push(third);
    await a.push(second);
    expect(await sweep(back)).toEqual(["copied", ...BEHIND]);
    await expectAt(a, second);
    await expectAt(c, first);
  });

  test("A→B→C→A: what came from A over B does not go over what A has got since", async () => {
    const [a, b, c] = await places(3);
    const [ab, bc, ca] = [await rule(a, [b]), await rule(b, [c]), await rule(c, [a])];
    await a.push(first);
    expect([await sweep(ab), await sweep(bc)]).toEqual([["copied"], ["copied"]]);
    await a.push(second);
    expect(await sweep(ca)).toEqual(BEHIND);
    expect(await sweep(ab)).toEqual(["copied"]);
    expect(await sweep(ca)).toEqual(BEHIND);
    expect(await sweep(bc)).toEqual(["copied"]);
    expect(await sweep(ca)).toEqual(["up-to-date"]);
    for (const place of [a, b, c]) {
      await expectAt(place, second);
    }
  });

  test("… whoever pushes older content again in the ring, at B or at C, is heard all around", async () => {
    const [a, b, c] = await places(3);
    const ring = [await rule(a, [b]), await rule(b, [c]), await rule(c, [a])];
    const around = async () => {
      for (const ruleId of ring) {
        await sweep(ruleId);
      }
    };
    await a.push(first);
    await around();
    await a.push(second);
    await around();
    for (const [pusher, older] of [
      [b, first],
      [c, second],
    ] as const) {
      await pusher.push(older);
      await around();
      await around();
      for (const place of [a, b, c]) {
        await expectAt(place, older);
      }
    }
  });

  test("… and a ring in which one rule overwrites nothing is none", async () => {
    const [a, b, c] = await places(3);
    const [ab, bc, ca] = [await rule(a, [b]), await rule(b, [c], { override: false }), await rule(c, [a])];
    await a.push(first);
    await sweep(ab);
    await sweep(bc);
    await a.push(second);
    expect(await sweep(ca)).toEqual(["copied"]);
    await expectAt(a, first);
  });
});
