"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useRef, useState } from "react";
import { type ActionFailure, type ActionState, IDLE } from "@/lib/schemas/action-state.ts";
import { isUnsaved } from "../kit/leaving.ts";
import { showToast } from "../kit/toast.tsx";
import { answerOf, isHeard } from "./answer.ts";
import { SubmissionKeys } from "./submission-key.ts";

export type ServerAction<Result> = (
  previous: ActionState<Result>,
  form: FormData,
) => Promise<ActionState<Result>>;

/** The sentence of a refused action. */
export function useFailureSentence(): (failure: ActionFailure) => string {
  const t = useTranslations("errors");
  return (failure) =>
    t.has(failure.reason)
      ? t(failure.reason, { id: failure.requestId, ...failure.values })
      : t("unknown", { id: failure.requestId });
}

/**
 * Runs a server action outside of a form. A second click while it runs does nothing, and what is sent again because no
 * answer came counts once. Refusals, and that no answer came, are told in a toast
 * unless `onFailure` takes them.
 */
export function useAction<Result>(
  action: ServerAction<Result>,
  onFailure?: (failure: ActionFailure, sentence: string) => void,
): { run: (input: object) => Promise<Result | null>; busy: boolean } {
  const router = useRouter();
  const sentence = useFailureSentence();
  const running = useRef(false);
  const [keys] = useState(() => new SubmissionKeys());
  const [busy, setBusy] = useState(false);

  const send = async (input: object): Promise<Result | null> => {
    const form = new FormData();
    const json = JSON.stringify(input);
    form.set("json", json);
    form.set("submissionKey", keys.keyFor(json));
    const state = await answerOf(() => action(IDLE, form));
    if (isHeard(state)) {
      keys.answered();
    }
    if (state.status === "ok") {
      return state.result;
    }
    if (state.status === "error") {
      // Leads to the sign-in page; what is unsaved stays where it is instead.
      if (state.code === "UNAUTHENTICATED" && !isUnsaved()) {
        router.refresh();
      }
      if (onFailure) {
        onFailure(state, sentence(state));
      } else {
        showToast({ tone: "failed", message: sentence(state) });
      }
    }
    return null;
  };

  const run = async (input: object): Promise<Result | null> => {
    if (running.current) {
      return null;
    }
    running.current = true;
    setBusy(true);
    try {
      return await send(input);
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { run, busy };
}
