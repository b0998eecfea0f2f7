import type { Descriptor } from "../../registry/descriptor.ts";
import { ContentError } from "../../registry/errors.ts";
import type { ReferrerList } from "../../registry/repository.ts";
import { MAX_DEPTH } from "../../registry/successors.ts";
import type { DigestTagList } from "../../schemas/referrers.ts";
import { step } from "../errors.ts";
import { forEachLimited } from "../limit.ts";
import type { Walk } from "../walk.ts";
import { childManifests, type Node } from "./child-manifests.ts";
import type { ReferrersRun } from "./referrers-run.ts";

/** Referrers of referrers: a signature of an SBOM of an image is two deep. */
const MAX_REFERRER_DEPTH = 16;
/** Of one tag, all its manifests taken together. */
const MAX_REFERRERS = 16_384;
const SUBJECTS_AT_ONCE = 8;

/** What was found to belong to a manifest, for what belongs to that in turn. */
export interface FoundOf {
  found: readonly Node[];
  /** How the source keeps its lists. */
  via: ReferrerList["via"];
}

/** How far a manifest is from that of the tag. */
interface Depth {
  referrers: number;
  indexes: number;
}

/**
 * Visits every manifest that something may refer to: that of a tag, those below it, and what is found to refer to them.
 * @param visit gets how many referrers deep it is
 */
export async function forEachSubject(
  root: Node,
  { walk, listed }: { walk: Walk; listed: DigestTagList | null },
  visit: (subject: string, depth: number) => Promise<FoundOf>,
): Promise<void> {
  const seen = new Set<string>();
  const visitOnce = async (node: Node, depth: Depth): Promise<void> => {
    if (seen.has(node.digest)) {
      return;
    }
    seen.add(node.digest);
    const { found, via } = await visit(node.digest, depth.referrers);
    // Without an API only tags could tell of something, and there is none.
    const none = via === "tag-schema" && listed?.others?.length === 0;
    const parts = none || depth.indexes >= MAX_DEPTH ? [] : await childManifests(node, walk);
    const next = [
      ...parts.map((part) => ({ node: part, at: { ...depth, indexes: depth.indexes + 1 } })),
      ...found.map((referrer) => ({ node: referrer, at: { referrers: depth.referrers + 1, indexes: 0 } })),
    ];
    await forEachLimited(next, SUBJECTS_AT_ONCE, (step) => visitOnce(step.node, step.at));
  };
  await visitOnce(root, { referrers: 0, indexes: 0 });
}

/** What the source names for one manifest. @throws {CopyError} */
export async function namedAtSource(
  subject: string,
  { walk, digestTags }: Pick<ReferrersRun, "walk" | "digestTags">,
  depth: number,
): Promise<{ referrers: Descriptor[]; cosign: string[]; via: ReferrerList["via"] }> {
  const { source, signal, begin } = walk;
  begin.throwIfAborted();
  const at = { operation: "list-referrers", side: "source", digest: subject } as const;
  const { cosign, tagListed } = await digestTags(subject);
  const { referrers, via } = await step(at, () => source.referrers(subject, { signal, tagListed }));
  if (depth >= MAX_REFERRER_DEPTH && referrers.length + cosign.length > 0) {
    return step(at, () => Promise.reject(tooMany(`referrers of referrers at most ${depth} deep`)));
  }
  return { referrers, cosign, via };
}

/** @throws {CopyError} UNREADABLE_MANIFEST for more than are carried along */
export async function refuseMany(total: number, digest: string): Promise<void> {
  if (total > MAX_REFERRERS) {
    await step({ operation: "list-referrers", side: "source", digest }, () =>
      Promise.reject(tooMany(`at most ${MAX_REFERRERS} referrers of one tag`)),
    );
  }
}

function tooMany(limit: string): ContentError {
  return new ContentError("UNREADABLE_MANIFEST", limit, "more");
}
