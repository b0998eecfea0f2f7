import { newestNames } from "../pattern/version-order.ts";
import type { PreviewEvent } from "../schemas/preview.ts";
import { CopyError, step } from "./errors.ts";
import { failureFact } from "./failure.ts";
import { type PreviewRequest, previewRule } from "./preview.ts";
import { selectTags } from "./selected-tags.ts";

/**
 * Asks the source for one tag whose name matches: whether it is there, whether it is among the newest and of the wanted type,
 * and what would become of it.
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
  const least = await leastOfNewest(request, { repository, tag }, signal);
  if (least !== null) {
    yield { kind: "probe", found: "not-newest", least };
    yield end();
    return;
  }
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

/**
 * The last of the newest tags of a repository where they leave this one out; null where they do not, or cannot be listed: then
 * the preview that follows says so.
 */
async function leastOfNewest(
  { source, selection }: PreviewRequest,
  { repository, tag }: { repository: string; tag: string },
  signal: AbortSignal,
): Promise<string | null> {
  if (selection.newest === undefined) {
    return null;
  }
  try {
    const { wanted } = await selectTags(source.repository(repository), selection, signal);
    if (wanted.includes(tag)) {
      return null;
    }
    const chosen = newestNames([...new Set([...wanted, tag])], selection.newest);
    return chosen.includes(tag) ? null : (chosen.at(-1) ?? null);
  } catch (error) {
    if (!(error instanceof CopyError)) {
      throw error;
    }
    return null;
  }
}
