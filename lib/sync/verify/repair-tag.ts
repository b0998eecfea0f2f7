import { keepsWholes } from "../../registry/chart-museum/museum-repository.ts";
import type { Descriptor } from "../../registry/descriptor.ts";
import type { Finding } from "../../schemas/verification.ts";
import { resendBlob } from "../copy-blob.ts";
import { childrenOf, pushManifest, readManifest } from "../copy-graph.ts";
import { copyTag } from "../copy-tag.ts";
import { CopyError } from "../errors.ts";
import { forEachLimited } from "../limit.ts";
import { memoryPlacements } from "../placements.ts";
import { bringDigestTag } from "../referrers/bring-digest-tag.ts";
import { bringListed } from "../referrers/bring-listed.ts";
import type { ReferrersRun } from "../referrers/referrers-run.ts";
import type { TransferContext } from "../transfer.ts";
import { type Walk, walking } from "../walk.ts";
import type { VerifyMemory } from "./verify-memory.ts";
import { aimAt, type VerifyJob } from "./verify-tag.ts";

const BLOBS_AT_ONCE = 8;

export interface RepairContext extends Omit<TransferContext, "placements"> {
  memory: VerifyMemory;
}

/**
 * Brings from the source what a verification found to lack at the target, in the order in which a copy does: blobs, manifests,
 * what refers to them, the tag. Nothing is taken for being there because something else is: each finding is acted on by itself,
 * and nothing that a task remembers of the target is asked. Each digest is tried once a repository and run.
 *
 * What is missing comes back. What stands there with other bytes is sent as well, as the whole that it is and not as a mount;
 * whether that helps is the registry's affair: CNCF Distribution, and others that store by digest, take the upload and keep what
 * they have until somebody removes the damaged file. So who calls this verifies again.
 *
 * @returns the first thing that could not be brought; null when all was sent
 * @throws the signal's reason
 */
export function repairTag(
  job: VerifyJob,
  findings: readonly Finding[],
  context: RepairContext,
): Promise<CopyError | null> {
  const placements = memoryPlacements();
  return walking({ ...job, partsBefore: true }, { ...context, placements }, (walk) =>
    repairAlong(walk, job, findings, context),
  );
}

async function repairAlong(
  walk: Walk,
  job: VerifyJob,
  findings: readonly Finding[],
  context: RepairContext,
): Promise<CopyError | null> {
  const { memory, signal } = context;
  await aimAt(job, null, walk);
  let first: CopyError | null = null;
  const mend = async (each: Finding, run: () => Promise<void>): Promise<void> => {
    try {
      await memory.mendOnce([each.kind, each.repository, each.digest, each.tag, each.subject].join(" "), run);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof CopyError)) {
        throw error;
      }
      first ??= error;
    }
  };
  const [whole] = keepsWholes(job.target) ? findings.filter(({ kind }) => kind !== "tag") : [];
  if (whole) {
    await mend({ ...whole, tag: job.tag }, () => sendWhole(job, walk));
    return first;
  }
  const of = (kind: Finding["kind"]) => findings.filter((each) => each.kind === kind);
  await forEachLimited(of("blob"), BLOBS_AT_ONCE, (each) =>
    mend(each, () => resend(descriptorOf(each), walk)),
  );
  for (const each of of("manifest")) {
    await mend(each, () => pushAnew(each, walk));
  }
  const run = referrersRun(job, walk);
  for (const each of findings.filter(({ subject }) => subject !== null)) {
    await mend(each, () => bringAnew(each, run));
  }
  for (const each of of("tag").filter(({ subject }) => subject === null)) {
    await mend(each, () => writeTag(job, context));
  }
  return first;
}

/** Its bytes count as found as those of a copy do. */
function resend(blob: Descriptor, walk: Walk): Promise<void> {
  walk.report({ found: blob.size });
  return resendBlob(blob, true, walk);
}

async function pushAnew({ digest }: Finding, walk: Walk): Promise<void> {
  await pushManifest(await readManifest({ digest }, walk), walk);
}

async function bringAnew(each: Finding, run: ReferrersRun): Promise<void> {
  const subject = each.subject ?? "";
  if (each.tag !== null) {
    await bringDigestTag(each.tag, subject, run);
    return;
  }
  if (each.reason !== "not-listed") {
    await pushAnew(each, run.walk);
  }
  await bringListed(subject, [descriptorOf(each)], run);
}

/** A packaged chart is one file: whatever part of it is wrong, all of it is sent under its version. */
async function sendWhole({ digest, tag }: VerifyJob, walk: Walk): Promise<void> {
  const manifest = await readManifest({ digest }, walk);
  for (const part of await childrenOf(manifest, walk, 0)) {
    await resendBlob(part, true, walk);
  }
  await pushManifest(manifest, walk, tag);
}

/** As a copy of the tag does, with its looks at both ends; its content is there. */
async function writeTag(job: VerifyJob, context: RepairContext): Promise<void> {
  const request = { ...job, partsBefore: true, referrers: undefined };
  await copyTag(request, { ...context, placements: memoryPlacements() });
}

function referrersRun({ override }: VerifyJob, walk: Walk): ReferrersRun {
  return {
    walk,
    override,
    digestTags: async () => ({ cosign: [], tagListed: undefined }),
    subjectReady: async () => undefined,
    note: () => undefined,
  };
}

/** What the source names: its size is that of the descriptor that named it. */
function descriptorOf({ digest, mediaType, sizeBytes }: Finding): Descriptor {
  return { digest, mediaType: mediaType ?? "application/octet-stream", size: sizeBytes ?? 0 };
}
