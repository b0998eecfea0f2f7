import { expect, onTestFinished, test } from "vitest";
import { allowAll } from "../registry/egress.ts";
import { createRegistry } from "../registry/remote-registry.ts";
import { image, layer } from "../testing/content.ts";
import { startDockerRegistry } from "../testing/docker-registry.ts";
import type { Fault } from "../testing/fault-proxy/fault.ts";
import { startFaultProxy } from "../testing/fault-proxy/fault-proxy.ts";
import { pushContent } from "../testing/push-content.ts";
import { copyTag } from "./copy-tag.ts";
import { memoryPlacements } from "./placements.ts";

// A real registry behind a limit that is kept to the request: so many in a window, listing and copying together.

async function started<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const server = await starting;
  onTestFinished(() => server.stop());
  return server;
}

const TAGS = ["v1", "v2", "v3", "v4"];
const WINDOW_S = 2;

/** @param told how what is left is told with each answer */
async function limited(grants: number, told: (left: number, resetS: number) => Record<string, string>) {
  const source = await started(startDockerRegistry({ accessLog: false }));
  const target = await started(startDockerRegistry({ accessLog: false }));
  const proxy = await started(startFaultProxy(source.origin));
  for (const tag of TAGS) {
    await pushContent(source.origin, "team/app", tag, image({ layers: [layer(tag, 5_000)] }));
  }
  let windowEndsAt = 0;
  let used = 0;
  proxy.add({
    fault: (): Fault => {
      if (performance.now() >= windowEndsAt) {
        windowEndsAt = performance.now() + WINDOW_S * 1000;
        used = 0;
      }
      used += 1;
      // Whole seconds, as registries tell it: rounded up.
      const resetS = Math.ceil((windowEndsAt - performance.now()) / 1000);
      const headers = told(Math.max(0, grants - used), resetS);
      return used > grants
        ? { kind: "answer", status: 429, headers }
        : { kind: "rewrite", headers: () => headers };
    },
  });
  const waits: string[] = [];
  const options = { vendor: "distribution", plainHttp: true, egress: allowAll } as const;
  const from = createRegistry({
    ...{ ...options, address: proxy.origin },
    onWait: (wait) => wait && waits.push(wait.reason),
  });
  const to = createRegistry({ ...options, address: target.origin });
  onTestFinished(async () => {
    await Promise.all([from.close(), to.close()]);
  });
  return { proxy, from, to, waits };
}

/** Lists and copies at once, as tasks do that share an instance. */
async function listAndCopy({ from, to }: Awaited<ReturnType<typeof limited>>): Promise<void> {
  const signal = new AbortController().signal;
  const listing = async () => {
    for await (const repositories of from.repositories()) {
      for (const repository of repositories) {
        for await (const tags of from.repository(repository).tags()) {
          await Promise.all(tags.map((tag) => from.repository(repository).resolve(tag)));
        }
      }
    }
  };
  const placements = memoryPlacements();
  const copying = TAGS.map(async (tag) => {
    const source = from.repository("team/app");
    const { digest = "" } = (await source.resolve(tag)) ?? {};
    const request = { source, target: to.repository("team/app"), tag, digest, override: true };
    const outcome = await copyTag(request, { placements, signal, onProgress: () => undefined });
    expect(outcome.status).toBe("copied");
  });
  await Promise.all([listing(), listing(), ...copying]);
}

test("what is told of the window is kept: hardly a request is refused, and the waits are told (T40)", async () => {
  const site = await limited(12, (left, resetS) => ({
    "ratelimit-remaining": `${left}`,
    "ratelimit-reset": `${resetS}`,
  }));
  await listAndCopy(site);
  const refused = site.proxy.log.filter(({ status }) => status === 429);
  expect(site.proxy.log.length).toBeGreaterThan(20);
  // Those that were on their way before the first answer told of the limit.
  expect(refused.length).toBeLessThan(TAGS.length + 2);
  expect(site.waits.filter((reason) => reason !== "rate-limit")).toEqual([]);
});

test("where nothing is told but the refusal itself, all comes through all the same", async () => {
  const site = await limited(12, () => ({}));
  await listAndCopy(site);
  expect(site.waits.filter((reason) => reason !== "rate-limit")).toEqual([]);
});
