import { z } from "zod";
import type { Dialect } from "../event.ts";

const Data = z.object({ name: z.string(), reference: z.string(), digest: z.string().optional() });
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
  const { name, reference, digest } = Data.parse(data);
  return [{ id, action: verb === "updated" ? "push" : "delete", repository: name, tag: reference, digest }];
};

function attributes({ header, json, bodyId }: Parameters<Dialect>[0]) {
  const type = header("ce-type");
  return type === null ? Structured.parse(json) : { type, id: header("ce-id") ?? bodyId, data: json };
}
