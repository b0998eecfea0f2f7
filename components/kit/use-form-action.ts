"use client";

import {
  type FormEvent,
  startTransition,
  useActionState,
  useEffect,
  useEffectEvent,
  useMemo,
  useRef,
  useState,
} from "react";
import { type ActionState, IDLE } from "@/lib/schemas/action-state.ts";
import { SubmissionKeys } from "../live/submission-key.ts";

type FormAction<Result> = (previous: ActionState<Result>, form: FormData) => Promise<ActionState<Result>>;

/** One for each thing that the form makes: a refusal leaves it free for the corrected form, an answer asks for another. */
function useSubmissionKey(state: ActionState<unknown>): string {
  const [keys] = useState(() => new SubmissionKeys());
  return useMemo(() => {
    if (state.status !== "idle") {
      keys.answered();
    }
    return keys.keyFor("form");
  }, [keys, state]);
}

/**
 * Ties a form to a server action: keeps what was typed when the action refuses (React would reset the form), ignores a
 * second submit while the first runs, and moves focus to the first field in error. Spread `form` on the `<form>`.
 */
export function useFormAction<Result>(action: FormAction<Result>, onDone: (result: Result) => void) {
  const [state, dispatch, pending] = useActionState<ActionState<Result>, FormData>(action, IDLE);
  const ref = useRef<HTMLFormElement>(null);
  const done = useEffectEvent(onDone);
  const key = useSubmissionKey(state);

  useEffect(() => {
    if (state.status === "ok") {
      done(state.result);
    } else if (state.status === "error") {
      ref.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    }
  }, [state]);

  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!pending) {
      const form = new FormData(event.currentTarget);
      form.set("submissionKey", key);
      startTransition(() => dispatch(form));
    }
  };
  return {
    state,
    /** Also while the page that follows is loading. */
    pending: pending || state.status === "ok",
    form: { ref, action: dispatch, onSubmit, noValidate: true },
  };
}
