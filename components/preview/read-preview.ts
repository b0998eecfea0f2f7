import type { PreviewEvent, PreviewInput } from "@/lib/schemas/preview.ts";
import { ApiError } from "../live/fetch-json.ts";

/** What is asked: a draft, a saved rule, or one tag of either. */
export type PreviewQuestion = Omit<PreviewInput, "fresh"> & { fresh?: boolean };

/**
 * Events of a preview as they arrive; ends with `signal`, and so does everything the server asks for it.
 * @throws {ApiError} when it is refused
 */
export async function* readPreview(
  question: PreviewQuestion,
  signal: AbortSignal,
): AsyncGenerator<PreviewEvent> {
  const response = await fetch("/api/rules/preview", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(question),
    signal,
  });
  if (!response.ok || !response.body) {
    throw new ApiError(response.status, (await response.json().catch(() => ({}))) as Partial<ApiError>);
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const lines = (rest + part.value).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        yield JSON.parse(line) as PreviewEvent;
      }
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}
