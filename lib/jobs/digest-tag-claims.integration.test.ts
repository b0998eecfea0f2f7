import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import { tagClaims } from "../db/schema/transfers.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import type { Lease } from "../queue/fence.ts";
import { cosignTags, referrersTag } from "../registry/digest-tag.ts";
import { allowAll } from "../registry/egress.ts";
import { createRegistry } from "../registry/remote-registry.ts";
import type { Registry } from "../registry/repository.ts";
import { copyTag } from "../sync/copy-tag.ts";
import { memoryPlacements } from "../sync/placements.ts";
import { type Artifact, attachment, image, layer } from "../testing/content.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { type DockerRegistry, startDockerRegistry } from "../testing/docker-registry.ts";
import { pushContent } from "../testing/push-content.ts";
import { temporaryRegistry } from "../testing/registry/temporary-registry.ts";
import { copyLease } from "./copy-lease.testing.ts";
import { aloneAtTag } from "./tag-claims.ts";

// Two workers with tasks of different rules, whose images are the same: what signs them meets under one tag at the target.

const signal = new AbortController().signal;
const ROUNDS = 3;
let testDb: TestDatabase;
let target: DockerRegistry;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  await prepareQueues(testDb.url);
  target = await startDockerRegistry();
});
afterAll(async () => {
  await target?.stop();
  await closeBoss();
  await closeDatabase();
  await testDb?.drop();
});

function client(origin: string): Registry {
  const registry = createRegistry({
    ...{ address: origin, vendor: "distribution", plainHttp: true, egress: allowAll },
  });
  onTestFinished(() => registry.close());
  return registry;
}

interface Worker {
  origin: string;
  source: Registry;
  target: Registry;
  lease: Lease;
}

/** With a source of its own, and with clients of its own, as another process has. */
async function worker(): Promise<Worker> {
  const registry = await temporaryRegistry();
  onTestFinished(registry.stop);
  const { origin } = registry;
  const lease = await copyLease(randomUUID());
  return { origin, lease, source: client(origin), target: client(target.origin) };
}

/** Copies the image under a tag of its own, with what belongs to it. */
function bring({ source, target, lease }: Worker, tag: string, { manifest }: Artifact) {
  return copyTag(
    {
      ...{ source: source.repository("app"), target: target.repository("app"), tag },
      ...{ digest: manifest.digest, override: false, referrers: { digestTags: null } },
    },
    {
      ...{ placements: memoryPlacements(), signal, onProgress: () => undefined },
      aloneAtDigestTag: (tag, write) => {
        const place = { targetInstanceId: "00000000-0000-4000-8000-000000000000", repository: "app", tag };
        return aloneAtTag({ db: database(), lease, signal }, place, write);
      },
    },
  );
}

async function layersAt(reference: string): Promise<{ digest: string }[]> {
  const answer = await fetch(`${target.origin}/v2/app/manifests/${reference}`, {
    headers: {
      accept: "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json",
    },
  });
  const body = (await answer.json()) as { manifests?: { digest: string }[]; layers?: { digest: string }[] };
  return body.manifests ?? body.layers ?? [];
}

test("referrers that two workers bring to a registry without the API are all in its list", async () => {
  const workers = [await worker(), await worker()];
  for (let round = 0; round < ROUNDS; round += 1) {
    const signed = image({ layers: [layer(`listed-${round}`, 1_000)] });
    const referrers = await Promise.all(
      workers.map(async ({ origin }, nth) => {
        const content = `${round} by ${nth}`;
        const referrer = attachment({ artifactType: "text/plain", content, subject: signed.manifest });
        await pushContent(origin, "app", `v${round}-${nth}`, signed);
        await pushContent(origin, "app", referrer.manifest.digest, referrer);
        return referrer.manifest.digest;
      }),
    );
    await Promise.all(workers.map((each, nth) => bring(each, `v${round}-${nth}`, signed)));
    const listed = await layersAt(referrersTag(signed.manifest.digest));
    expect(listed.map(({ digest }) => digest).toSorted()).toEqual(referrers.toSorted());
  }
  expect(await database().select().from(tagClaims)).toEqual([]);
});

test("of two signatures under one tag the first stays, and the other worker says so", async () => {
  const workers = [await worker(), await worker()];
  for (let round = 0; round < ROUNDS; round += 1) {
    const signed = image({ layers: [layer(`signed-${round}`, 1_000)] });
    const [tag = ""] = cosignTags(signed.manifest.digest);
    for (const [nth, { origin }] of workers.entries()) {
      await pushContent(origin, "app", `s${round}-${nth}`, signed);
      await pushContent(
        origin,
        "app",
        tag,
        attachment({ artifactType: "text/plain", content: `${round} ${nth}` }),
      );
    }
    const outcomes = await Promise.all(workers.map((each, nth) => bring(each, `s${round}-${nth}`, signed)));
    const states = outcomes.map(({ referrers }) => referrers?.rows.map(({ state }) => state).join());
    expect(states.toSorted()).toEqual(["copied", "kept"]);
  }
});
