import {
  addChecked,
  type Checked,
  type Finding,
  nothingChecked,
  type Verification,
} from "../../schemas/verification.ts";
import { readManifest } from "../copy-graph.ts";
import { step } from "../errors.ts";
import { type Aim, aimOf } from "../platforms/aim.ts";
import { contentReader } from "../platforms/read-content.ts";
import { type Throttle, UNTHROTTLED } from "../throttle.ts";
import type { TransferRequest } from "../transfer.ts";
import { type Walk, walking } from "../walk.ts";
import type { Check } from "./check.ts";
import { checkManifest, unique } from "./check-content.ts";
import { checkReferrers } from "./check-referrers.ts";
import type { VerifyMemory } from "./verify-memory.ts";

/** A tag that was copied, or stood at the target already. `override` says whether what others keep there may be replaced. */
export interface VerifyJob extends Omit<TransferRequest, "partsBefore"> {
  /** What the tag has to name at the target, where that is known to be one image of what it names at the source. */
  targetDigest?: string | undefined;
}

export interface VerifyContext {
  /** Every blob is read again and hashed, instead of asked for. */
  deep: boolean;
  /** One a run and target. */
  memory: VerifyMemory;
  signal: AbortSignal;
  /** What bounds reading at the target; see `throttleReading`. */
  reading?: Throttle | undefined;
  /** Told what was asked, as it is asked. */
  onChecked?: ((more: Partial<Checked>) => void) | undefined;
}

/**
 * Proves that a tag is at the target with everything that it needs, so that whoever pulls it gets it: the tag names what it
 * should, every manifest is there to the byte, every blob with its size (`deep`: with its bytes), and what the source names as
 * referring to one of these manifests is discoverable and whole. Of an index only the platforms are owed that are copied.
 * Foreign layers are owed where the source holds them. Writes nothing.
 *
 * Requests to the target: a HEAD for the tag, a GET for each manifest, a HEAD (`deep`: a GET) for each blob, each of them once
 * a repository and run; for each manifest that something refers to, one for the list (with the tag schema: for its tag), and
 * for each tag of cosign's a HEAD. To the source: what a copy asks to find referrers, and nothing else unless something lacks.
 *
 * @throws {CopyError} when an end cannot be asked; that something is missing is no error but a finding
 */
export function verifyTag(job: VerifyJob, context: VerifyContext): Promise<Verification> {
  const { memory, signal } = context;
  return walking(job, { placements: memory.placements, signal, onProgress: () => undefined }, (walk) =>
    verifyAlong(walk, job, context),
  );
}

async function verifyAlong(walk: Walk, job: VerifyJob, context: VerifyContext): Promise<Verification> {
  const { target, tag, digest } = job;
  const { signal, memory } = context;
  const checked = nothingChecked();
  const check: Check = {
    walk,
    memory,
    deep: context.deep,
    reading: context.reading ?? UNTHROTTLED,
    note(more) {
      addChecked(checked, more);
      context.onChecked?.(more);
    },
  };
  const standing = await step({ operation: "resolve-tag", side: "target" }, () =>
    target.resolve(tag, { signal }),
  );
  const aim = await aimAt(job, standing, walk);
  if (!aim) {
    return { checked, findings: [] };
  }
  const content = await checkManifest(aim, check);
  const belonging = await checkReferrers({ ...job, digest: aim.digest, scanned: digest }, check);
  return { checked, findings: unique([...content, ...belonging, ...tagFindings(job, aim.digest, standing)]) };
}

/**
 * What the tag has to name, and in `walk.kept` which parts of it are owed; null: nothing of it is for a platform that is copied.
 * @throws {CopyError}
 */
export async function aimAt(
  job: VerifyJob,
  standing: Parameters<typeof aimOf>[1],
  walk: Walk,
): Promise<Aim | null> {
  const { source, digest, targetDigest = digest } = job;
  if (targetDigest !== digest) {
    return { digest: targetDigest };
  }
  const { signal } = walk;
  const reader = contentReader(source, { signal }, (named) => readManifest({ digest: named }, walk));
  const aim = await aimOf(job, standing, reader);
  walk.kept = aim?.kept;
  return aim;
}

function tagFindings(
  { target, tag }: VerifyJob,
  digest: string,
  standing: { digest: string } | null,
): Finding[] {
  if (standing?.digest === digest) {
    return [];
  }
  const reason = standing ? "other-digest" : "missing";
  const nothing = { subject: null, mediaType: null, sizeBytes: null };
  return [{ kind: "tag", reason, digest, repository: target.name, tag, ...nothing }];
}
