import { readFileSync } from "node:fs";
import { join } from "node:path";
import { errorSentence } from "../../../lib/format/error-sentence.ts";
import { type FailureKey, failureKey } from "../../../lib/schemas/failure-key.ts";
import type { FailureFact, Side } from "../../../lib/schemas/task.ts";
import { LOCALES } from "../../../lib/schemas/words.ts";
import { CopyError } from "../../../lib/sync/errors.ts";
import { failureFact, failureReason } from "../../../lib/sync/failure.ts";
import type { Artifact } from "../../../lib/testing/content.ts";
import { pullAndHash } from "../../../lib/testing/pull-and-hash.ts";
import { ROOT } from "../../root.ts";
import { meets } from "../trust-case.ts";
import { REPOSITORY, TAG } from "./copy.ts";
import { imageOf, type Scene } from "./scene.ts";

/** Copies the tag, and has an independent reader pull and hash it at the target. */
export async function heals(
  scene: Scene,
  artifact: Artifact,
  at: { repository?: string; tag?: string } = {},
): Promise<void> {
  const outcome = await scene.copy(at);
  meets(outcome.status === "copied", `the transfer ended ${outcome.status}`);
  await isWhole(scene, artifact, at);
}

/** @throws {TargetMissed} unless the target holds every byte of it under the tag */
export async function isWhole(
  { target }: Scene,
  { manifest }: Artifact,
  { repository = REPOSITORY, tag = TAG }: { repository?: string; tag?: string } = {},
): Promise<void> {
  const { digest } = await pullAndHash(target.registry.origin, repository, tag);
  meets(digest === manifest.digest, `${repository}:${tag} is ${digest} at the target`);
}

/** How a transfer is to fail, and how the failure is told. */
export interface CleanFail {
  code: string;
  side: Side;
  /** HTTP status; null where there was no answer. */
  status: number | null;
  key: FailureKey;
  /** In what the registry said. */
  says?: RegExp;
  reason?: string;
  withinMs: number;
  /** A fault of everything leaves no other transfer to look at. */
  alone?: boolean;
}

/**
 * Copies the tag over an older one and sees it fail as foretold: typed, in time, told in both languages, the target's tag as it
 * was; and another transfer of the same task ends well meanwhile.
 * @returns how it failed, in words
 */
export async function failsClean(scene: Scene, expected: CleanFail): Promise<string> {
  const older = imageOf("older", 2_000);
  await scene.push(older, { side: "target" });
  const bystander = imageOf("bystander", 2_000);
  const other = { repository: "team/calm", tag: `v${scene.source.proxy.log.length}` };
  if (!expected.alone) {
    await scene.push(bystander, other);
  }
  const since = performance.now();
  const [failure] = await Promise.all([
    scene.copy().then(
      ({ status }) => `nothing: the transfer ended ${status}`,
      (error: unknown) => error,
    ),
    expected.alone ? undefined : heals(scene, bystander, other),
  ]);
  const tookMs = performance.now() - since;
  meets(failure instanceof CopyError, `expected ${expected.code}, got ${failure}`);
  const fact = failureFact(failure);
  isFact(fact, expected);
  isTold(fact, expected.key);
  meets(tookMs < expected.withinMs, `${fact.code} only after ${Math.round(tookMs)} ms`);
  await isWhole(scene, older);
  return `${fact.code}${fact.httpStatus === null ? "" : ` ${fact.httpStatus}`} at the ${fact.side} after ${(tookMs / 1000).toFixed(1)} s`;
}

function isFact(fact: FailureFact, { code, side, status, says, reason }: CleanFail): void {
  const seen = `${fact.code} at the ${fact.side}, status ${fact.httpStatus}: ${fact.registryMessage}`;
  meets(fact.code === code && fact.side === side && fact.httpStatus === status, `failed with ${seen}`);
  meets(says === undefined || says.test(fact.registryMessage ?? ""), `what was said is lost: ${seen}`);
  meets(reason === undefined || failureReason(fact) === reason, `the reason is ${failureReason(fact)}`);
}

/** @throws {TargetMissed} unless both languages have a whole sentence for it, and the right one */
export function isTold(fact: FailureFact, key: FailureKey): void {
  meets(failureKey(fact) === key, `told as ${failureKey(fact)}, not ${key}`);
  for (const locale of LOCALES) {
    const { failure } = JSON.parse(readFileSync(join(ROOT, `messages/${locale}/errors.json`), "utf8"));
    const { title, short } = errorSentence(fact, { instance: "registry-1", tag: "v1" }, locale, failure);
    meets(title !== "" && short !== "" && !/[{}]/.test(title + short), `${locale} says: ${title} / ${short}`);
  }
}
