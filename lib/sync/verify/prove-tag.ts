import { addChecked, type Checked, type Finding } from "../../schemas/verification.ts";
import type { CopyError } from "../errors.ts";
import { type RepairContext, repairTag } from "./repair-tag.ts";
import { VerifyError } from "./verify-error.ts";
import { type VerifyContext, type VerifyJob, verifyTag } from "./verify-tag.ts";

export type ProveContext = VerifyContext & RepairContext;

/** What became of one tag that was verified, and repaired where that was needed. */
export interface Proof {
  checked: Checked;
  /** What lacked at first. */
  found: readonly Finding[];
  /** How many of these are right now. */
  repaired: number;
  /** What lacks still. */
  left: readonly Finding[];
  /** Why the tag has failed, where something lacks still. */
  failure: CopyError | VerifyError | null;
}

/**
 * Verifies a tag; brings back what lacks, verifies again what lacked, and says what lacks still. A tag without a failure can be
 * pulled. Where nothing lacks, this is `verifyTag` and writes nothing.
 * @throws {CopyError} when an end cannot be asked; the signal's reason
 */
export async function proveTag(job: VerifyJob, context: ProveContext): Promise<Proof> {
  const { checked, findings: found } = await verifyTag(job, context);
  if (found.length === 0) {
    return { checked, found, repaired: 0, left: [], failure: null };
  }
  const refused = await repairTag(job, found, context);
  const again = await verifyTag(job, context);
  addChecked(checked, again.checked);
  const left = again.findings;
  const lacking = new Set(left.map(keyOf));
  const repaired = found.filter((each) => !lacking.has(keyOf(each))).length;
  const failure = left.length > 0 ? (refused ?? new VerifyError(left)) : null;
  return { checked, found, repaired, left, failure };
}

function keyOf({ kind, digest, tag, subject }: Finding): string {
  return [kind, digest, tag, subject].join(" ");
}
