import type { FirstSteps } from "@/lib/schemas/overview.ts";

/** The four steps of the set-up; the first two are done by whoever is signed in. */
export const FIRST_STEPS = ["token", "root", "instance", "rule"] as const;
export type FirstStep = (typeof FIRST_STEPS)[number];

/**
 * What is due: the first instance, a second one to sync to (or none, for two namespaces of one), the rule, or only to
 * wait for the first task.
 */
export type DueStep = "instance" | "second" | "rule" | "sync";

export function dueStep({ instances, rules }: Pick<FirstSteps, "instances" | "rules">): DueStep {
  if (rules > 0) {
    return "sync";
  }
  return instances === 0 ? "instance" : instances === 1 ? "second" : "rule";
}

/** How many of the four steps are done. */
export function stepsDone(due: DueStep): number {
  return due === "sync" ? FIRST_STEPS.length : due === "instance" ? 2 : 3;
}

export function dueHref(due: DueStep, { sourceId, taskId }: Pick<FirstSteps, "sourceId" | "taskId">): string {
  switch (due) {
    case "instance":
    case "second":
      return "/instances/new";
    case "rule":
      return sourceId ? `/rules/new?instance=${sourceId}` : "/rules";
    case "sync":
      return taskId ? `/tasks/${taskId}` : "/rules";
  }
}
