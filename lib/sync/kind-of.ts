import type { Descriptor } from "../registry/descriptor.ts";
import { ContentError } from "../registry/errors.ts";
import { isIndex } from "../registry/media-types.ts";
import type { Repository } from "../registry/repository.ts";
import { resourceKindOf } from "../registry/successors.ts";
import { step } from "./errors.ts";

/** Whether what a tag names is an image or a chart: the type of its config decides (T41). An index is an image. @throws {CopyError} */
export async function kindOf(
  repository: Repository,
  { digest, mediaType }: Descriptor,
  signal: AbortSignal,
): Promise<string> {
  if (isIndex(mediaType)) {
    return "image";
  }
  return step({ operation: "fetch-manifest", side: "source", digest }, async () => {
    const manifest = await repository.fetchManifest(digest, { signal });
    try {
      return resourceKindOf(manifest);
    } catch (error) {
      if (error instanceof ContentError) {
        // Whatever it is, it is no chart. The copy says what is wrong with it.
        return "image";
      }
      throw error;
    }
  });
}
