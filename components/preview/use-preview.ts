"use client";

import { startTransition, useEffect, useRef, useState } from "react";
import type { PreviewEvent } from "@/lib/schemas/preview.ts";
import { ApiError } from "../live/fetch-json.ts";
import { applyEvents, NO_PREVIEW, type PreviewState } from "./preview-state.ts";
import { type PreviewQuestion, readPreview } from "./read-preview.ts";

/** The next key may follow. */
const SETTLE_MS = 150;
/** Events are drawn together, at most so often. */
const DRAW_MS = 60;

export interface Preview extends PreviewState {
  /** `idle`: nothing to ask. `refused`: by our own server. */
  status: "idle" | "running" | "done" | "refused";
  refusal: ApiError | null;
  /** Asks the registries anew. */
  refresh: () => void;
}

type Shown = Omit<Preview, "refresh">;
const IDLE: Shown = { ...NO_PREVIEW, status: "idle", refusal: null };

/**
 * What a rule would do, as it is found out; null asks nothing. While the next answer is on its way the last one stays. A new
 * question, and leaving the page, end the one before with all its requests.
 */
export function usePreview(question: PreviewQuestion | null): Preview {
  const key = question ? JSON.stringify(question) : null;
  const [shown, setShown] = useState<Shown>(IDLE);
  const [asked, setAsked] = useState(0);
  const served = useRef(0);
  useEffect(() => {
    if (key === null) {
      setShown(IDLE);
      return;
    }
    const controller = new AbortController();
    const wanted = JSON.parse(key) as PreviewQuestion;
    const fresh = asked !== served.current;
    served.current = asked;
    // In transitions: what comes first may find the page half taken over, and must not have the rest of it done at one go.
    startTransition(() => setShown((before) => ({ ...before, status: "running", refusal: null })));
    const show = (next: Shown) => startTransition(() => setShown(next));
    const timer = setTimeout(
      () => {
        void follow({ ...wanted, fresh }, controller.signal, show);
      },
      fresh ? 0 : SETTLE_MS,
    );
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [key, asked]);
  return { ...shown, refresh: () => setAsked((count) => count + 1) };
}

const brokenOff = () => new ApiError(0, { reason: "preview-cut-off" });

async function follow(
  question: PreviewQuestion,
  signal: AbortSignal,
  show: (next: Shown) => void,
): Promise<void> {
  let state = NO_PREVIEW;
  let waiting: PreviewEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const draw = (): void => {
    clearTimeout(timer);
    timer = undefined;
    state = applyEvents(state, waiting);
    waiting = [];
    if (!signal.aborted) {
      show({ ...state, status: state.elapsedMs === null ? "running" : "done", refusal: null });
    }
  };
  try {
    for await (const event of readPreview(question, signal)) {
      waiting.push(event);
      const first = state.totals === null && state.rows.length === 0;
      timer ??= setTimeout(draw, first ? 0 : DRAW_MS);
    }
    draw();
    if (!signal.aborted && state.elapsedMs === null) {
      // The stream broke off without its end.
      show({ ...state, status: "refused", refusal: brokenOff() });
    }
  } catch (error) {
    clearTimeout(timer);
    if (!signal.aborted) {
      const refusal = error instanceof ApiError ? error : brokenOff();
      show({ ...applyEvents(state, waiting), status: "refused", refusal });
    }
  }
}
