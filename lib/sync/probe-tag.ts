import type { PreviewEvent } from "../schemas/preview.ts";
import { CopyError, step } from "./errors.ts";
import { failureFact } from "./failure.ts";
import { type PreviewRequest, previewRule } from "./preview.ts";

/**
 * Asks the source for one tag whose name matches: whether it is there, whether it is of the wanted type, and what would
 * become of it.
 */
export async function* probeTag(
  request: PreviewRequest,
  { repository, tag }: { repository: string; tag: string },
  signal: AbortSignal,
): AsyncGenerator<PreviewEvent> {
  const startedAt = performance.now();
  const end = (): PreviewEvent => ({
    kind: "end",
    limit: null,
    elapsedMs: Math.round(performance.now() - startedAt),
  });
  let named: unknown;
  try {
    named = await step({ operation: "resolve-tag", side: "source" }, () =>
      request.source.repository(repository).resolve(tag, { signal }),
    );
  } catch (error) {
    if (!(error instanceof CopyError)) {
      throw error;
    }
    yield { kind: "failed", failure: failureFact(error) };
    yield end();
    return;
  }
  if (!named) {
    yield { kind: "probe", found: "absent" };
    yield end();
    return;
  }
  const selection = { ...request.selection, only: [{ repository, tag }] };
  let matches = false;
  for await (const event of previewRule({ ...request, selection }, { signal })) {
    if (event.kind === "rows") {
      matches = event.rows.some((row) => row.tag === tag);
    }
    if (event.kind === "end") {
      yield { kind: "probe", found: matches ? "match" : "other-type" };
    }
    yield event;
  }
}
