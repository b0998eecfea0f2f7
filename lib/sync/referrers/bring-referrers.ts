import { REFERRER_ROWS, type Referrers } from "../../schemas/referrers.ts";
import { readManifest } from "../copy-graph.ts";
import type { ReferrersWanted } from "../transfer.ts";
import type { Walk } from "../walk.ts";
import { bringDigestTag } from "./bring-digest-tag.ts";
import { bringListed } from "./bring-listed.ts";
import type { Node } from "./child-manifests.ts";
import { digestTagsAt } from "./digest-tags.ts";
import type { ReferrersRun } from "./referrers-run.ts";
import { type FoundOf, forEachSubject, namedAtSource, refuseMany } from "./subjects.ts";

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
  const before = referrers.get(key);
  if (before) {
    if (!before.over) {
      // No claim may be held while another tag is waited for: what it brings may contain this very manifest.
      await subjectReady();
    }
    const brought = await before.result.catch(() => null);
    if (brought) {
      return { ...brought, copied: 0 };
    }
  }
  const bringing = { result: bringAll(request, walk, subjectReady), over: false };
  const ended = () => {
    bringing.over = true;
  };
  bringing.result.then(ended, ended);
  referrers.set(key, bringing);
  const oldest = referrers.size > MAX_REMEMBERED ? referrers.keys().next().value : undefined;
  if (oldest !== undefined) {
    referrers.delete(oldest);
  }
  return bringing.result;
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
  await forEachSubject(root, { walk, listed }, async (subject, depth) => {
    const found = await bringOf(subject, run, depth);
    await refuseMany(all.total, subject);
    return found;
  });
  return all;
}

async function rootOf({ digest, mediaType }: ReferrersRequest, walk: Walk): Promise<Node> {
  return { digest, mediaType: mediaType ?? (await readManifest({ digest }, walk)).descriptor.mediaType };
}

/** What belongs to one manifest. @returns what was found to belong to it, for what belongs to that */
async function bringOf(subject: string, run: ReferrersRun, depth: number): Promise<FoundOf> {
  const { referrers, cosign, via } = await namedAtSource(subject, run, depth);
  if (referrers.length === 0 && cosign.length === 0) {
    return { found: [], via };
  }
  await run.subjectReady();
  const found: Node[] = await bringListed(subject, referrers, run);
  for (const tag of cosign) {
    found.push(...(await bringDigestTag(tag, subject, run)));
  }
  return { found, via };
}
