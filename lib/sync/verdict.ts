/** What a copy does with a tag, seen from what the target has under its name. */
export type Verdict = "copy" | "up-to-date" | "exists" | "overwrite";

/**
 * The one place that decides: equal content needs nothing, other content stays unless `override`. The copy asks it, and
 * the preview of a rule.
 */
export function verdictOf(
  { digest, override }: { digest: string; override: boolean },
  standing: { digest: string } | null,
): Verdict {
  if (!standing) {
    return "copy";
  }
  if (standing.digest === digest) {
    return "up-to-date";
  }
  return override ? "overwrite" : "exists";
}
