import type { Aim } from "./platforms/aim.ts";

/**
 * What a copy does with a tag, seen from what the target has under its name. `complete`: the index stands there and some of what
 * is wanted of it does not; `platform-absent`: nothing of it is for a platform that was asked for; `behind`: the target is the newer
 * one, the source holds what both had before.
 */
export type Verdict =
  | "copy"
  | "up-to-date"
  | "exists"
  | "overwrite"
  | "behind"
  | "complete"
  | "platform-absent";

/** What the target has under the tag now. */
type Standing = { digest: string } | null;

/** Whether the source offers nothing that the target, where this digest stands, did not have before. Left out: nobody knows. */
type IsBehind = ((standing: string) => Promise<boolean>) | undefined;

/**
 * The one place that decides: equal content needs nothing, other content stays unless `override`, and what is newer than the source
 * stays in any case. The copy asks it, the preview of a rule, and the command's dry run.
 * @param lacksSome whether the target lacks some of these manifests
 */
export async function verdictAt(
  aim: Aim | null,
  { override, standing, isBehind }: { override: boolean; standing: Standing; isBehind?: IsBehind },
  lacksSome: (manifests: readonly string[]) => Promise<boolean>,
): Promise<Verdict> {
  if (aim === null) {
    return "platform-absent";
  }
  const verdict = await verdictOf({ digest: aim.digest, override, isBehind }, standing);
  return verdict === "up-to-date" && aim.manifests && (await lacksSome(aim.manifests)) ? "complete" : verdict;
}

/** The same of one digest. */
export async function verdictOf(
  { digest, override, isBehind }: { digest: string; override: boolean; isBehind?: IsBehind },
  standing: Standing,
): Promise<Exclude<Verdict, "complete" | "platform-absent">> {
  if (!standing) {
    return "copy";
  }
  if (standing.digest === digest) {
    return "up-to-date";
  }
  if (!override) {
    return "exists";
  }
  return (await isBehind?.(standing.digest)) ? "behind" : "overwrite";
}
