import { expect } from "vitest";
import { allowAll } from "../../registry/egress.ts";
import { createRegistry } from "../../registry/remote-registry.ts";
import type { Registry } from "../../registry/repository.ts";
import type { Finding } from "../../schemas/verification.ts";
import type { AccessEntry } from "../../testing/access-log.ts";
import { type DockerRegistry, startDockerRegistry } from "../../testing/docker-registry.ts";
import type { RunningRegistry } from "../../testing/registry/server.ts";
import { temporaryRegistry } from "../../testing/registry/temporary-registry.ts";
import { dockerStorage, ownStorage, type StoredContent } from "../../testing/stored-content.ts";
import { copyTag } from "../copy-tag.ts";
import { memoryPlacements } from "../placements.ts";
import { type Proof, proveTag } from "./prove-tag.ts";
import { VerifyMemory } from "./verify-memory.ts";
import { type VerifyJob, verifyTag } from "./verify-tag.ts";

export const REPOSITORY = "team/app";

/** A source of our own, and a target whose storage can be reached behind its back. */
export interface VerifyWorld {
  source: RunningRegistry;
  target: DockerRegistry | RunningRegistry;
  stored: StoredContent;
  /** Requests that the target has answered, in their order. */
  log(): Promise<readonly AccessEntry[]>;
  job(tag: string, digest: string, more?: Partial<VerifyJob>): VerifyJob;
  stop(): Promise<void>;
}

/** `docker`: CNCF Distribution 2.8.3, which keeps the tag schema and stores by digest; `own`: ours, with the referrers API. */
export async function verifyWorld(kind: "docker" | "own"): Promise<VerifyWorld> {
  const source = await temporaryRegistry();
  const target = await (kind === "docker" ? startDockerRegistry() : temporaryRegistry());
  const client = (address: string): Registry =>
    createRegistry({ address, vendor: "generic", plainHttp: true, egress: allowAll, retries: 1 });
  const [from, to] = [client(source.origin), client(target.origin)];
  return {
    source,
    target,
    stored: (kind === "docker" ? dockerStorage : ownStorage)(target.dataDir),
    log: async () => {
      // A server may note a request after its answer was read: as many are waited for as were sent.
      const noted = async () => (await target.accessLog()).total;
      await expect.poll(noted, { timeout: 60_000 }).toBeGreaterThanOrEqual(to.requests);
      return (await target.accessLog()).entries;
    },
    job: (tag, digest, more) => ({
      source: from.repository(REPOSITORY),
      target: to.repository(REPOSITORY),
      ...{ tag, digest, override: false, referrers: { digestTags: null }, ...more },
    }),
    stop: async () => {
      await Promise.all([from, to].map((registry) => registry.close()));
      await Promise.all([source.stop(), target.stop()]);
    },
  };
}

const always = () => ({ signal: new AbortController().signal, onProgress: () => undefined });

export function copied(job: VerifyJob) {
  return copyTag(job, { ...always(), placements: memoryPlacements() });
}

export function proven(job: VerifyJob, deep = false, memory = new VerifyMemory()): Promise<Proof> {
  return proveTag(job, { ...always(), deep, memory });
}

/** `kind reason what` of each finding, digests by the names that the test gave them. */
export async function lacking(
  job: VerifyJob,
  names: Record<string, string>,
  deep = false,
): Promise<string[]> {
  const { findings } = await verifyTag(job, { ...always(), deep, memory: new VerifyMemory() });
  return told(findings, names);
}

export function told(findings: readonly Finding[], names: Record<string, string>): string[] {
  return findings.map(({ kind, reason, digest }) => `${kind} ${reason} ${names[digest] ?? digest}`);
}

/** Requests to the target since `since`, each in a word, in alphabetical order. */
export async function asked({ log }: VerifyWorld, since: number): Promise<string[]> {
  return (await log())
    .slice(since)
    .map(({ method, path }) => `${method} ${/\/(manifests|blobs|referrers|tags)\//.exec(path)?.[1]}`)
    .sort();
}

export async function seen({ log }: VerifyWorld): Promise<number> {
  return (await log()).length;
}
