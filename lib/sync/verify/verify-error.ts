import type { Finding } from "../../schemas/verification.ts";

/** What is wrong with the content of a target after all that could be done. Ours, beside the codes of registries. */
export type VerifyErrorCode =
  /** A manifest, a blob, a referrer or the tag is not there. */
  | "TARGET_LACKS"
  /** Something stands under a digest that it has not; a push does not replace it. */
  | "TARGET_DAMAGED"
  /** A referrer is there, and the target does not tell of it. */
  | "REFERRER_UNLISTED"
  /** The tag names something else. */
  | "TAG_DIFFERS";

/** A tag was copied and cannot be proven to be at the target as a whole. */
export class VerifyError extends Error {
  override readonly name = "VerifyError";
  readonly code: VerifyErrorCode;
  readonly findings: readonly Finding[];

  /** @param findings at least one; the first that is worst gives the error its code */
  constructor(findings: readonly Finding[]) {
    const worst = worstOf(findings);
    super(`${codeOf(worst)}: ${findingsText(findings)}`);
    this.code = codeOf(worst);
    this.findings = findings;
  }

  get digest(): string | null {
    return worstOf(this.findings)?.digest ?? null;
  }
}

const SHOWN = 8;

/** Each finding in a few words, with its digest whole: `blob sha256:… missing`. */
export function findingsText(findings: readonly Finding[]): string {
  const shown = findings.slice(0, SHOWN).map(findingText);
  const more = findings.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

/** One finding: `tag v1 other-digest, not sha256:…`. */
export function findingText({ kind, digest, reason, tag, subject }: Finding): string {
  const what = tag === null ? `${kind} ${digest}` : `${kind} ${tag} (${digest})`;
  return `${what} ${reason}${subject === null ? "" : `, belongs to ${subject}`}`;
}

function codeOf(finding: Finding | undefined): VerifyErrorCode {
  switch (finding?.reason) {
    case "wrong-bytes":
    case "wrong-size":
      return "TARGET_DAMAGED";
    case "not-listed":
      return "REFERRER_UNLISTED";
    case "other-digest":
      return "TAG_DIFFERS";
    default:
      return "TARGET_LACKS";
  }
}

/** Damage first: as long as it stands, nothing else that is done helps. */
function worstOf(findings: readonly Finding[]): Finding | undefined {
  return findings.find((each) => codeOf(each) === "TARGET_DAMAGED") ?? findings[0];
}
