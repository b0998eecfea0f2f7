import type { Descriptor } from "../../registry/descriptor.ts";
import type { Finding } from "../../schemas/verification.ts";
import { readManifest } from "../copy-graph.ts";
import { step } from "../errors.ts";
import { mapLimited } from "../limit.ts";
import { holdsAllOf } from "../referrers/bring-digest-tag.ts";
import { readReferrer } from "../referrers/bring-listed.ts";
import type { Node } from "../referrers/child-manifests.ts";
import { type DigestTags, digestTagsAt } from "../referrers/digest-tags.ts";
import { type FoundOf, forEachSubject, namedAtSource, refuseMany } from "../referrers/subjects.ts";
import type { ReferrersWanted } from "../transfer.ts";
import type { Walk } from "../walk.ts";
import type { Check } from "./check.ts";
import { checkManifest, unique } from "./check-content.ts";
import { finding } from "./finding.ts";

const AT_ONCE = 8;

/** What may be referred to, and by what is known of the source's digest tags. */
interface ReferrersJob {
  digest: string;
  mediaType?: string | undefined;
  scanned: string;
  override: boolean;
  referrers?: ReferrersWanted | undefined;
}

/** One such check of a tag. */
interface ReferrersCheck {
  check: Check;
  digestTags: DigestTags;
  override: boolean;
}

/**
 * Looks whether what the source names as belonging to the manifests of a tag is told of at the target, and is whole there.
 * What the target keeps of its own under one of cosign's tags is left alone as the copy leaves it, and is no finding.
 * @throws {CopyError} when an end cannot be asked
 */
export function checkReferrers(job: ReferrersJob, check: Check): Promise<readonly Finding[]> {
  const { walk, memory } = check;
  const { digest, scanned, referrers: wanted } = job;
  if (!wanted) {
    return Promise.resolve([]);
  }
  return memory.findings(`referrers ${walk.target.name}@${digest}`, async () => {
    const findings: Finding[] = [];
    const root = await rootOf(job, walk);
    const listed = wanted.digestTags;
    const digestTags = digestTagsAt(walk, root, { scanned, listed });
    const run: ReferrersCheck = { check: { ...check, asReferrer: true }, digestTags, override: job.override };
    let total = 0;
    await forEachSubject(root, { walk, listed }, async (subject, depth) => {
      const of = await checkSubject(subject, run, depth);
      findings.push(...of.findings);
      total += of.found.length;
      await refuseMany(total, subject);
      return of;
    });
    return unique(findings);
  });
}

async function rootOf({ digest, mediaType, scanned }: ReferrersJob, walk: Walk): Promise<Node> {
  const known = digest === scanned ? mediaType : undefined;
  return { digest, mediaType: known ?? (await readManifest({ digest }, walk)).descriptor.mediaType };
}

interface Belonging {
  findings: readonly Finding[];
  /** What belongs to the subject, for what belongs to that. */
  found: readonly Node[];
}

async function checkSubject(
  subject: string,
  { check, digestTags, override }: ReferrersCheck,
  depth: number,
): Promise<Belonging & FoundOf> {
  const { walk } = check;
  const { referrers, cosign, via } = await namedAtSource(subject, { walk, digestTags }, depth);
  const listed = await checkListed(subject, referrers, check);
  const tagged = await mapLimited(cosign, AT_ONCE, (tag) =>
    checkDigestTag({ tag, subject, override }, check),
  );
  const all = [listed, ...tagged];
  return {
    findings: all.flatMap(({ findings }) => findings),
    found: all.flatMap(({ found }) => found),
    via,
  };
}

async function checkListed(subject: string, named: readonly Descriptor[], check: Check): Promise<Belonging> {
  const { target, signal } = check.walk;
  if (named.length === 0) {
    return { findings: [], found: [] };
  }
  const standing = await step({ operation: "list-referrers", side: "target", digest: subject }, () =>
    target.referrers(subject, { signal }),
  );
  const known = new Set(standing.referrers.map(({ digest }) => digest));
  const all = await mapLimited(named, AT_ONCE, (referrer) =>
    checkReferrer({ referrer, subject, listed: known.has(referrer.digest) }, check),
  );
  return { findings: all.flatMap(({ findings }) => findings), found: all.flatMap(({ found }) => found) };
}

async function checkReferrer(
  { referrer, subject, listed }: { referrer: Descriptor; subject: string; listed: boolean },
  check: Check,
): Promise<Belonging> {
  const content = await checkManifest(referrer, check);
  const own = content.find(({ kind, digest }) => kind === "manifest" && digest === referrer.digest);
  // Whom the source lists may be gone there, or refer to somebody else: then nothing is owed.
  if ((own || !listed) && !(await readReferrer(referrer, subject, check.walk))) {
    return { findings: [], found: [] };
  }
  const reason = own?.reason ?? (listed ? null : "not-listed");
  const told = reason && { ...finding("referrer", reason, referrer, check.walk), subject };
  const below = content.filter((each) => each !== own);
  return { findings: told ? [...below, told] : below, found: [referrer] };
}

async function checkDigestTag(
  { tag, subject, override }: { tag: string; subject: string; override: boolean },
  check: Check,
): Promise<Belonging> {
  const { walk } = check;
  const { source, target, signal } = walk;
  const [named, standing] = await Promise.all([
    step({ operation: "resolve-tag", side: "source" }, () => source.resolve(tag, { signal })),
    step({ operation: "resolve-tag", side: "target" }, () => target.resolve(tag, { signal })),
  ]);
  if (!named) {
    return { findings: [], found: [] };
  }
  const same = standing?.digest === named.digest;
  if (standing && !same && !override && !(await oursWouldReplace(named, standing, walk))) {
    return { findings: [], found: [] };
  }
  const content = await checkManifest(named, check);
  const reason = standing ? "other-digest" : "missing";
  const told = { ...finding("tag", reason, named, walk), tag, subject };
  return { findings: same ? content : [...content, told], found: [named] };
}

async function oursWouldReplace(named: Descriptor, standing: Descriptor, walk: Walk): Promise<boolean> {
  return holdsAllOf(await readManifest({ digest: named.digest }, walk), standing.digest, walk);
}
