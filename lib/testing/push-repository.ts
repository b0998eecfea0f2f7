import { type Artifact, descriptorOf, MEDIA, piece } from "./content.ts";
import { pushContent } from "./push-content.ts";
import type { RandomRepository } from "./random-content.ts";

interface ReferringBody {
  subject?: { digest: string };
  artifactType?: string;
  config?: { mediaType: string };
  annotations?: Record<string, string>;
}

/**
 * Pushes a repository as its clients do. Where the registry has no referrers API, they keep the lists of the tag schema:
 * OCI distribution-spec v1.1.1, "Pushing Manifests with Subject".
 */
export async function pushRepository(
  origin: string,
  repository: string,
  { tagged, untagged }: RandomRepository,
  { keepsLists }: { keepsLists: boolean },
): Promise<void> {
  const all = [...tagged.map(({ artifact }) => artifact), ...untagged];
  for (const artifact of all) {
    await pushContent(origin, repository, artifact.manifest.digest, artifact);
  }
  for (const { tag, artifact } of tagged) {
    await pushContent(origin, repository, tag, { ...artifact, blobs: [], children: [] });
  }
  if (keepsLists) {
    for (const [tag, manifests] of listsOf(all)) {
      const list = piece(
        MEDIA.index,
        JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.index, manifests }),
      );
      await pushContent(origin, repository, tag, { manifest: list, blobs: [], children: [] });
    }
  }
}

/** What clients list under which tag. */
function listsOf(artifacts: readonly Artifact[]): Map<string, object[]> {
  const lists = new Map<string, Map<string, object>>();
  const visit = ({ manifest, children }: Artifact): void => {
    const { subject, artifactType, config, annotations } = JSON.parse(
      manifest.bytes.toString(),
    ) as ReferringBody;
    if (subject) {
      const [algorithm = "", hex = ""] = subject.digest.split(":");
      const tag = `${algorithm}-${hex.slice(0, 64)}`;
      const type = artifactType ?? config?.mediaType;
      const list = lists.get(tag) ?? new Map<string, object>();
      lists.set(
        tag,
        list.set(manifest.digest, { ...descriptorOf(manifest), artifactType: type, annotations }),
      );
    }
    children.forEach(visit);
  };
  artifacts.forEach(visit);
  return new Map([...lists].map(([tag, list]) => [tag, [...list.values()]]));
}
