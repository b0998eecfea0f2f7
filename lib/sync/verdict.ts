import type { Aim } from "./platforms/aim.ts";

/**
 * What a copy does with a tag, seen from what the target has under its name. `complete`: the index stands there and some of what
 * is wanted of it does not; `platform-absent`: nothing of it is for a platform that was asked for.
 */
export type Verdict = "copy" | "up-to-date" | "exists" | "overwrite" | "complete" | "platform-absent";

/**
 * The one place that decides: equal content needs nothing, other content stays unless `override`. The copy asks it, the
 * preview of a rule, and the command's dry run.
 * @param lacksSome whether the target lacks some of these manifests
 */
export async function verdictAt(
  aim: Aim | null,
  { override, standing }: { override: boolean; standing: { digest: string } | null },
  lacksSome: (manifests: readonly string[]) => Promise<boolean>,
): Promise<Verdict> {
  if (aim === null) {
    return "platform-absent";
  }
  const verdict = verdictOf({ digest: aim.digest, override }, standing);
  return verdict === "up-to-date" && aim.manifests && (await lacksSome(aim.manifests)) ? "complete" : verdict;
}

/** The same of one digest. */
export function verdictOf(
  { digest, override }: { digest: string; override: boolean },
  standing: { digest: string } | null,
): Exclude<Verdict, "complete" | "platform-absent"> {
  if (!standing) {
    return "copy";
  }
  if (standing.digest === digest) {
    return "up-to-date";
  }
  return override ? "overwrite" : "exists";
}
