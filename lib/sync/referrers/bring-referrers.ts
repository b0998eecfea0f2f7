import { ContentError } from "../../registry/errors.ts";
import type { ReferrerList } from "../../registry/repository.ts";
import { MAX_DEPTH } from "../../registry/successors.ts";
import { REFERRER_ROWS, type Referrers } from "../../schemas/referrers.ts";
import { readManifest } from "../copy-graph.ts";
import { step } from "../errors.ts";
import { forEachLimited } from "../limit.ts";
import type { ReferrersWanted } from "../transfer.ts";
import type { Walk } from "../walk.ts";
import { bringDigestTag } from "./bring-digest-tag.ts";
import { bringListed } from "./bring-listed.ts";
import { childManifests, type Node } from "./child-manifests.ts";
import { digestTagsAt } from "./digest-tags.ts";
import type { ReferrersRun } from "./referrers-run.ts";

/** Referrers of referrers: a signature of an SBOM of an image is two deep. */
const MAX_REFERRER_DEPTH = 16;
/** Of one tag, all its manifests taken together. */
const MAX_REFERRERS = 16_384;
const SUBJECTS_AT_ONCE = 8;
/** Tags whose results a process keeps for the other tags of a task that name the same content. */
const MAX_REMEMBERED = 2_000;

/** Content whose signatures, attestations and SBOMs are to come along. */
interface ReferrersRequest extends ReferrersWanted {
  digest: string;
  mediaType?: string | undefined;
  /** What the tag named when `digestTags` were listed: an index, where one image of it is copied. */
  scanned: string;
  /** Replaces what cosign keeps at the target by what it keeps at the source, also where the target has more. */
  override: boolean;
}

/**
 * Brings what belongs to the manifests of a tag: referrers, and cosign's digest tags, of each manifest of an index, and of the
 * referrers themselves. Each subject comes before what refers to it (T34, T35).
 *
 * @param subjectReady called before the first is written, once; never where there is none
 * @throws {CopyError} of the first that cannot be brought
 */
export async function bringReferrers(
  request: ReferrersRequest,
  walk: Walk,
  subjectReady: () => Promise<void>,
): Promise<Referrers> {
  const { referrers } = walk.memory;
  const key = `${walk.target.name}@${request.digest}`;
  const underWay = referrers.get(key);
  if (underWay && !(await isOver(underWay))) {
    // No claim may be held while another tag is waited for: what it brings may contain this very manifest.
    await subjectReady();
  }
  const brought = await underWay?.catch(() => null);
  if (brought) {
    return { ...brought, copied: 0 };
  }
  const bringing = bringAll(request, walk, subjectReady);
  referrers.set(key, bringing);
  const oldest = referrers.size > MAX_REMEMBERED ? referrers.keys().next().value : undefined;
  if (oldest !== undefined) {
    referrers.delete(oldest);
  }
  return bringing;
}

async function isOver(run: Promise<unknown>): Promise<boolean> {
  const pending = Symbol("pending");
  return (await Promise.race([run, pending]).catch(() => null)) !== pending;
}

async function bringAll(
  request: ReferrersRequest,
  walk: Walk,
  subjectReady: () => Promise<void>,
): Promise<Referrers> {
  const all: Referrers = { total: 0, copied: 0, kept: 0, rows: [] };
  let ready: Promise<void> | undefined;
  const root = await rootOf(request, walk);
  const listed = request.digestTags;
  const run: ReferrersRun = {
    walk,
    override: request.override,
    digestTags: digestTagsAt(walk, root, { scanned: request.scanned, listed }),
    subjectReady: () => {
      ready ??= subjectReady();
      return ready;
    },
    note(row) {
      all.total += 1;
      all.copied += row.state === "copied" ? 1 : 0;
      all.kept += row.state === "kept" ? 1 : 0;
      if (all.rows.length < REFERRER_ROWS) {
        all.rows.push(row);
      }
    },
  };
  const seen = new Set<string>();
  const visit = async (node: Node, depth: Depth): Promise<void> => {
    if (seen.has(node.digest)) {
      return;
    }
    seen.add(node.digest);
    const { found, via } = await bringOf(node.digest, run, depth.referrers);
    await refuseMany(all.total, node.digest);
    // Without an API only tags could tell of something, and there is none.
    const none = via === "tag-schema" && listed?.others?.length === 0;
    const parts = none || depth.indexes >= MAX_DEPTH ? [] : await childManifests(node, walk);
    const next = [
      ...parts.map((part) => ({ node: part, at: { ...depth, indexes: depth.indexes + 1 } })),
      ...found.map((referrer) => ({ node: referrer, at: { referrers: depth.referrers + 1, indexes: 0 } })),
    ];
    await forEachLimited(next, SUBJECTS_AT_ONCE, (step) => visit(step.node, step.at));
  };
  await visit(root, { referrers: 0, indexes: 0 });
  return all;
}

/** How far a manifest is from that of the tag. */
interface Depth {
  referrers: number;
  indexes: number;
}

async function rootOf({ digest, mediaType }: ReferrersRequest, walk: Walk): Promise<Node> {
  return { digest, mediaType: mediaType ?? (await readManifest({ digest }, walk)).descriptor.mediaType };
}

/** What belongs to one manifest. @returns what was found to belong to it, for what belongs to that */
async function bringOf(
  subject: string,
  run: ReferrersRun,
  depth: number,
): Promise<{ found: Node[]; via: ReferrerList["via"] }> {
  const { walk } = run;
  const { source, signal } = walk;
  walk.begin.throwIfAborted();
  const at = { operation: "list-referrers", side: "source", digest: subject } as const;
  const { cosign, tagListed } = await run.digestTags(subject);
  const { referrers, via } = await step(at, () => source.referrers(subject, { signal, tagListed }));
  if (referrers.length === 0 && cosign.length === 0) {
    return { found: [], via };
  }
  if (depth >= MAX_REFERRER_DEPTH) {
    return step(at, () => Promise.reject(tooMany(`referrers of referrers at most ${depth} deep`)));
  }
  await run.subjectReady();
  const found: Node[] = await bringListed(subject, referrers, run);
  for (const tag of cosign) {
    found.push(...(await bringDigestTag(tag, subject, run)));
  }
  return { found, via };
}

async function refuseMany(total: number, digest: string): Promise<void> {
  if (total > MAX_REFERRERS) {
    await step({ operation: "list-referrers", side: "source", digest }, () =>
      Promise.reject(tooMany(`at most ${MAX_REFERRERS} referrers of one tag`)),
    );
  }
}

function tooMany(limit: string): ContentError {
  return new ContentError("UNREADABLE_MANIFEST", limit, "more");
}
