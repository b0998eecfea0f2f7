"use client";

import {
  type FormEvent,
  startTransition,
  useActionState,
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useTransition,
} from "react";
import { type ActionState, IDLE } from "@/lib/schemas/action-state.ts";
import { answerOf, isHeard } from "../live/answer.ts";
import { SubmissionKeys } from "../live/submission-key.ts";

type FormAction<Result> = (previous: ActionState<Result>, form: FormData) => Promise<ActionState<Result>>;

/** One for each thing that the form makes: an answer asks for another, what went unheard is sent again under the same. */
function useSubmissionKey(state: ActionState<unknown>): string {
  const [keys] = useState(() => new SubmissionKeys());
  return useMemo(() => {
    if (state.status !== "idle" && isHeard(state)) {
      keys.answered();
    }
    return keys.keyFor("form");
  }, [keys, state]);
}

/**
 * Runs the action and tells `onDone` what it made, in that order and even when the form is gone by then: an answer may bring the
 * page anew without it. Who went to another page meanwhile is left there.
 */
function useSend<Result>(action: FormAction<Result>, onDone: (result: Result) => void) {
  const [answer, setAnswer] = useState<ActionState<Result> | null>(null);
  const [pending, startSending] = useTransition();
  const sending = useRef(false);
  const done = useRef(onDone);
  useLayoutEffect(() => {
    done.current = onDone;
  });
  const run = async (form: FormData) => {
    const page = window.location.pathname;
    const next = await answerOf(() => action(IDLE, form)).finally(() => {
      sending.current = false;
    });
    if (next.status === "ok" && window.location.pathname === page) {
      done.current(next.result);
    }
    // What follows `await` belongs to the transition only when it says so.
    startTransition(() => setAnswer(next));
  };
  const send = (form: FormData) => {
    if (!sending.current) {
      sending.current = true;
      startSending(() => run(form));
    }
  };
  return { answer, pending, send };
}

/**
 * Ties a form to a server action: keeps what was typed when the action refuses (React would reset the form), ignores a
 * second submit while the first runs, and moves focus to the first field in error. Spread `form` on the `<form>`; without
 * scripts it posts by itself, and the page comes back with the answer.
 */
export function useFormAction<Result>(action: FormAction<Result>, onDone: (result: Result) => void) {
  const [posted, post] = useActionState<ActionState<Result>, FormData>(action, IDLE);
  const { answer, pending, send } = useSend(action, onDone);
  const state = answer ?? posted;
  const ref = useRef<HTMLFormElement>(null);
  const key = useSubmissionKey(state);
  const donePosted = useEffectEvent(onDone);

  useEffect(() => {
    if (posted.status === "ok") {
      donePosted(posted.result);
    }
  }, [posted]);
  useEffect(() => {
    if (state.status === "error") {
      ref.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    }
  }, [state]);

  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    form.set("submissionKey", key);
    send(form);
  };
  return {
    state,
    /** Also while the page that follows is loading. */
    pending: pending || state.status === "ok",
    form: { ref, action: post, onSubmit, noValidate: true },
  };
}
