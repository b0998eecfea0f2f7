import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { allowAll } from "../../../lib/registry/egress.ts";
import type { Patience } from "../../../lib/registry/patience.ts";
import { createRegistry } from "../../../lib/registry/remote-registry.ts";
import type { Registry, RegistryOptions } from "../../../lib/registry/repository.ts";
import type { Side } from "../../../lib/schemas/task.ts";
import { memoryPlacements } from "../../../lib/sync/placements.ts";
import { noProgress, type ProgressTotals } from "../../../lib/sync/progress.ts";
import type { TransferOutcome } from "../../../lib/sync/transfer.ts";
import { type Artifact, image, layer } from "../../../lib/testing/content.ts";
import {
  type DockerRegistry,
  type DockerRegistryOptions,
  startDockerRegistry,
} from "../../../lib/testing/docker-registry.ts";
import {
  type FaultProxy,
  type FaultProxyOptions,
  startFaultProxy,
} from "../../../lib/testing/fault-proxy/fault-proxy.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { ROOT } from "../../root.ts";
import type { Trust, TrustCase } from "../trust-case.ts";
import { type CopyOptions, copyThrough, REPOSITORY, TAG } from "./copy.ts";

export const KIB = 1024;
export const MIB = 1024 * KIB;
/** The product waits 30 s for a silent body; a table of 45 rows cannot. */
export const QUICK: Partial<Patience> = {
  idleBodyMs: 700,
  headersMs: 3_000,
  commitMs: 3_000,
  slowWindowMs: 900,
  backoffMs: 20,
  backoffMostMs: 250,
};

export interface SiteOptions {
  registry?: DockerRegistryOptions;
  proxy?: FaultProxyOptions;
  /** Of the client of the product. */
  client?: Partial<RegistryOptions>;
}

/** A real registry, the proxy that spoils the way to it, and the product's client behind both. */
export interface Site {
  readonly registry: DockerRegistry;
  readonly proxy: FaultProxy;
  readonly client: Registry;
}

/** Two real registries behind fault proxies. */
export interface Scene {
  readonly trust: Trust;
  readonly source: Site;
  readonly target: Site;
  /** Bytes of the copies so far. */
  readonly bytes: ProgressTotals;
  /** Puts an artifact into a registry, past its proxy. */
  push(artifact: Artifact, at?: { side?: Side; repository?: string; tag?: string }): Promise<void>;
  /** Copies one tag with the engine of the product. @throws {CopyError} */
  copy(options?: CopyOptions): Promise<TransferOutcome>;
}

/** Starts both; they end with the case. */
export async function openScene(
  trust: Trust,
  options: { source?: SiteOptions; target?: SiteOptions; patience?: Partial<Patience> } = {},
): Promise<Scene> {
  const [source, target] = await Promise.all([
    openSite(trust, options.source ?? {}, options.patience),
    openSite(trust, options.target ?? {}, options.patience),
  ]);
  const bytes = noProgress();
  const way = { source: source.client, target: target.client, placements: memoryPlacements(), bytes };
  return {
    ...{ trust, source, target, bytes },
    async push(artifact, { side = "source", repository = REPOSITORY, tag = TAG } = {}) {
      const { registry } = side === "source" ? source : target;
      await pushContent(registry.origin, repository, tag, artifact);
    },
    copy: (copy = {}) => copyThrough(way, copy),
  };
}

async function openSite(
  trust: Trust,
  { registry: options, proxy: proxyOptions, client: clientOptions }: SiteOptions,
  patience: Partial<Patience> = {},
): Promise<Site> {
  const registry = await startDockerRegistry({ accessLog: false, ...options });
  trust.cleanup(registry.stop);
  const proxy = await startFaultProxy(registry.origin, { random: () => trust.random(), ...proxyOptions });
  trust.cleanup(proxy.stop);
  opened.set(trust, [...(opened.get(trust) ?? []), proxy]);
  const tokens = proxyOptions?.tokens;
  const client = createRegistry({
    address: proxy.origin,
    vendor: "distribution",
    plainHttp: true,
    egress: allowAll,
    username: tokens?.username,
    password: tokens?.password,
    patience: { ...QUICK, ...patience },
    ...clientOptions,
  });
  trust.cleanup(() => client.close());
  return { registry, proxy, client };
}

/** An image with a layer of that size, which does not compress. */
export function imageOf(seed: string, layerBytes = 300 * KIB): Artifact {
  return image({ layers: [layer(seed, layerBytes)] });
}

/** The digest of its largest blob. */
export function layerOf({ blobs }: Artifact): { digest: string; size: number } {
  const [largest] = blobs.toSorted((a, b) => b.bytes.length - a.bytes.length);
  return { digest: largest?.digest ?? "", size: largest?.bytes.length ?? 0 };
}

/** For whoever looks into a row that failed: what passed, in the order of the proxies. */
const opened = new WeakMap<Trust, readonly FaultProxy[]>();

/** A row of the table. */
export function fault(
  id: string,
  title: string,
  run: (trust: Trust) => Promise<string>,
  options: Pick<TrustCase, "withinMs"> = {},
): TrustCase {
  const explained = async (trust: Trust) => {
    try {
      return await run(trust);
    } catch (error) {
      const path = join(ROOT, `reports/trust-faults-${id}.jsonl`);
      mkdirSync(dirname(path), { recursive: true });
      const logs = opened.get(trust) ?? [];
      writeFileSync(path, logs.map((proxy) => `"${proxy.origin}"\n${proxy.jsonLines()}\n`).join(""));
      trust.step(`what passed: ${path}`);
      throw error;
    }
  };
  return { id, title, run: explained, ...options };
}
