import { z } from "zod";
import { isDigest } from "../../registry/digest.ts";
import { referrersTag } from "../../registry/digest-tag.ts";
import type { Dialect } from "../event.ts";

const Data = z.object({
  name: z.string(),
  reference: z.string(),
  digest: z.string().optional(),
  manifest: z.string().optional(),
});
const Manifest = z.object({ subject: z.object({ digest: z.string() }) });
const Structured = z.object({ type: z.string(), id: z.string(), data: z.unknown().optional() });

/**
 * zot, "Event Support": CloudEvents 1.0 over HTTP, in binary mode (attributes in `ce-` headers) or structured. The beginning
 * of the type can be configured there, its end cannot.
 */
export const zot: Dialect = (request) => {
  const { type, id, data } = attributes(request);
  const [, verb] = /\.image\.(updated|deleted)$/.exec(type) ?? [];
  if (verb === undefined) {
    return [];
  }
  const { name, reference, digest, manifest } = Data.parse(data);
  if (verb === "deleted") {
    return [{ id, action: "delete", repository: name, tag: reference, digest }];
  }
  const push = { id, action: "push", repository: name, digest } as const;
  if (!isDigest(reference) || manifest === undefined) {
    return [{ ...push, tag: reference }];
  }
  const tag = referredTo(manifest);
  return tag === null ? [] : [{ ...push, tag }];
};

/**
 * What was pushed by digest and refers to another manifest, as a signature does, is told like a push to the list of what refers
 * to that: other registries have a tag for it (distribution-spec v1.1.1, "Referrers Tag Schema").
 */
function referredTo(manifest: string): string | null {
  try {
    const { subject } = Manifest.parse(JSON.parse(manifest));
    return isDigest(subject.digest) ? referrersTag(subject.digest) : null;
  } catch {
    return null;
  }
}

function attributes({ header, json, bodyId }: Parameters<Dialect>[0]) {
  const type = header("ce-type");
  return type === null ? Structured.parse(json) : { type, id: header("ce-id") || bodyId, data: json };
}
