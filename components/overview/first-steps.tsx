"use client";

import clsx from "clsx";
import { Check } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { FirstSteps } from "@/lib/schemas/overview.ts";
import { Link } from "../kit/link.tsx";
import { LinkButton } from "../kit/link-button.tsx";
import {
  type DueStep,
  dueHref,
  dueStep,
  FIRST_STEPS,
  type FirstStep,
  stepsDone,
} from "./first-steps-order.ts";

/** The stair from an empty console to the first finished sync: what is done, what is due, and one button. */
export function FirstStepsStair({ steps, alone }: { steps: FirstSteps; alone: boolean }) {
  const t = useTranslations("overview.first");
  const due = dueStep(steps);
  const done = stepsDone(due);
  return (
    <section
      aria-labelledby="first-steps"
      className={clsx(
        "px-6 max-md:px-4",
        alone
          ? "flex flex-1 justify-center pt-[8vh] pb-12 max-md:pt-8"
          : "border-line border-b bg-canvas py-5",
      )}
    >
      <div className="w-full max-w-[560px]">
        <h2 id="first-steps" className="text-title">
          {t("title")}
        </h2>
        <p className="mt-1 text-ink-2 text-prose">
          {due === "sync" ? t("almost") : t("body", { n: FIRST_STEPS.length - done })}
        </p>
        {due === "sync" ? (
          <div className="mt-4">
            <DueActions due={due} steps={steps} />
          </div>
        ) : (
          <ol className="mt-6">
            {FIRST_STEPS.map((step, index) => (
              <StairStep
                key={step}
                step={step}
                note={step === "rule" && due === "second" ? "second" : step}
                index={index}
                state={index < done ? "done" : index === done ? "current" : "next"}
              >
                {index === done ? <DueActions due={due} steps={steps} /> : null}
              </StairStep>
            ))}
          </ol>
        )}
      </div>
    </section>
  );
}

interface StairStepProps {
  step: FirstStep;
  /** Says what it takes: with one instance, what a rule could lead to. */
  note: FirstStep | "second";
  index: number;
  state: "done" | "current" | "next";
  children: ReactNode;
}

function StairStep({ step, note, index, state, children }: StairStepProps) {
  const t = useTranslations("overview.first");
  return (
    <li aria-current={state === "current" ? "step" : undefined} className="relative flex gap-4 pb-6">
      {index === FIRST_STEPS.length - 1 ? null : (
        <i
          aria-hidden
          className={clsx(
            "absolute top-8 bottom-1 left-[13px] w-[2px]",
            state === "done" ? "bg-malachite-fill" : "bg-line-strong",
          )}
        />
      )}
      <span
        aria-hidden
        className={clsx(
          "flex size-7 shrink-0 items-center justify-center rounded-sm font-medium",
          state === "done" && "bg-malachite-fill text-surface",
          state === "current" && "bg-azurite text-on-azurite",
          state === "next" && "text-ink-3 shadow-[inset_0_0_0_1px_var(--line-control)]",
        )}
      >
        {state === "done" ? <Check className="size-3.5" /> : index + 1}
      </span>
      <div className="min-w-0 flex-1 pt-1">
        <div className={clsx("font-medium", state === "next" && "text-ink-2")}>
          {t(`step.${step}`)}
          {state === "done" ? <span className="sr-only">{` ${t("done")}`}</span> : null}
        </div>
        <p className="mt-0.5 text-ink-3 text-meta">{t(`note.${note}`)}</p>
        {children}
      </div>
    </li>
  );
}

/** One button; with one instance, also the way without a second. */
function DueActions({ due, steps }: { due: DueStep; steps: FirstSteps }) {
  const t = useTranslations("overview.first");
  return (
    <div className="mt-3 flex flex-wrap items-center gap-4">
      <LinkButton variant="primary" size="lg" href={dueHref(due, steps)}>
        {t(due === "sync" && !steps.taskId ? "action.trigger" : `action.${due}`)}
      </LinkButton>
      {due === "second" ? (
        <Link href={dueHref("rule", steps)} className="link inline-flex min-h-6 items-center">
          {t("skip")}
        </Link>
      ) : null}
    </div>
  );
}
