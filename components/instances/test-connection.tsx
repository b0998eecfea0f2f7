"use client";

import { useTranslations } from "next-intl";
import { type RefObject, useActionState, useEffect } from "react";
import { testConnectionAction } from "@/lib/actions/instances.ts";
import { type ActionState, IDLE } from "@/lib/schemas/action-state.ts";
import type { ConnectionReport } from "@/lib/schemas/instance.ts";
import { Note } from "../kit/note.tsx";
import { answerOf } from "../live/answer.ts";
import { useChartsSentence, useReportSentence } from "./connection-sentence.ts";

/** Tests what the form says now, before anything is saved. Run it inside a transition. */
export function useConnectionTest(form: RefObject<HTMLFormElement | null>) {
  const [state, dispatch, pending] = useActionState<ActionState<ConnectionReport>, FormData | null>(
    (previous, data) => (data ? answerOf(() => testConnectionAction(previous, data)) : IDLE),
    IDLE,
  );
  useEffect(() => {
    if (state.status === "error") {
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    }
  }, [state, form]);
  return {
    state,
    pending,
    run: () => {
      if (form.current && !pending) {
        dispatch(new FormData(form.current));
      }
    },
    /** The form is being saved: an older result no longer says anything. */
    forget: () => {
      if (state.status !== "idle") {
        dispatch(null);
      }
    },
  };
}

interface TestResultProps {
  test: ReturnType<typeof useConnectionTest>;
  name: string;
  host: string;
}

function toneOf(report: ConnectionReport): "azurite" | "gamboge" | "cinnabar" {
  const whole = report.ok && report.canList && report.charts?.ok !== false;
  return whole ? "azurite" : report.ok ? "gamboge" : "cinnabar";
}

/** One sentence: signed in and listed, or who refused what. The registry's own words stand below it. */
export function TestResult({ test, name, host }: TestResultProps) {
  const t = useTranslations("instances");
  const sentence = useReportSentence();
  const charts = useChartsSentence();
  const { state, pending } = test;
  return (
    <div aria-live="polite" className="empty:hidden">
      {pending ? <p className="mb-3 text-ink-3 text-meta">{t("test.running")}</p> : null}
      {!pending && state.status === "ok" ? (
        <Note className="mb-3 max-w-[592px]" tone={toneOf(state.result)}>
          {sentence(name, state.result, host)}
          {state.result.ok && state.result.charts ? (
            <span className="mt-1 block">{charts(name, state.result.charts)}</span>
          ) : null}
          {!state.result.ok && state.result.detail ? (
            <code className="mt-1 block text-ink-3">{state.result.detail}</code>
          ) : null}
        </Note>
      ) : null}
    </div>
  );
}
