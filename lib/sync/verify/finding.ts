import type { Finding, FindingKind, FindingReason } from "../../schemas/verification.ts";
import type { Walk } from "../walk.ts";

export function finding(
  kind: FindingKind,
  reason: FindingReason,
  what: { digest: string; mediaType: string | null; size: number | null },
  { target }: Walk,
): Finding {
  const { digest, mediaType, size } = what;
  const nothing = { tag: null, subject: null };
  return { kind, reason, digest, repository: target.name, mediaType, sizeBytes: size, ...nothing };
}
