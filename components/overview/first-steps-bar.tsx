import clsx from "clsx";
import { useTranslations } from "next-intl";
import type { FirstSteps } from "@/lib/schemas/overview.ts";
import { LinkButton } from "../kit/link-button.tsx";
import { dueHref, dueStep, FIRST_STEPS, stepsDone } from "./first-steps-order.ts";

/**
 * Over a page on the way to the first sync: how far one is, and the next step, unless this page is where it is done.
 * `here`: what the page is for.
 */
export function FirstStepsBar({ steps, here }: { steps: FirstSteps; here: "instance" | "rule" | "other" }) {
  const t = useTranslations("overview.first");
  const due = dueStep(steps);
  const done = stepsDone(due);
  const atWork = (here === "instance" && due !== "sync") || (here === "rule" && due !== "sync");
  return (
    <section
      aria-label={t("title")}
      className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-2 border-line border-b bg-canvas px-6 py-1.5 max-md:px-4"
    >
      <span aria-hidden className="flex gap-1">
        {FIRST_STEPS.map((step, index) => (
          <i
            key={step}
            className={clsx(
              "h-1 w-7",
              index < done ? "bg-malachite-fill" : index === done ? "bg-azurite" : "bg-track",
            )}
          />
        ))}
      </span>
      <span className="text-ink-2">
        {due === "sync"
          ? t("almost")
          : t("at", {
              n: here === "rule" ? FIRST_STEPS.length : done + 1,
              total: FIRST_STEPS.length,
              step: t(here === "rule" ? "step.rule" : due === "second" ? "step.second" : `step.${due}`),
            })}
      </span>
      {atWork ? null : (
        <LinkButton size="sm" variant="primary" href={dueHref(due, steps)} className="ml-auto">
          {t("next", { step: t(due === "sync" && !steps.taskId ? "action.trigger" : `action.${due}`) })}
        </LinkButton>
      )}
    </section>
  );
}
