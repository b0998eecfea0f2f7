import { at, cutOff, growOld, type Scene } from "../scene.ts";
import type { StageFacts } from "../stage-facts.ts";

const task =
  (key: string, query = "") =>
  ({ seeded }: StageFacts) =>
    `/tasks/${seeded.tasks[key] ?? ""}${query}`;

const transfer =
  (key: string) =>
  ({ seeded }: StageFacts) =>
    `/transfers/${seeded.transfers[key] ?? ""}`;

/** Every task that is seeded with a page of its own (lib/testing/console-seed-task-specs.ts). */
const TASKS = [
  "running",
  "pending-behind",
  "pending",
  "scanning",
  "waiting",
  "stopping",
  "succeeded",
  "skipped",
  "retried",
  "retry",
  "failed-scan",
  "failed-all",
  "stopped",
  "nothing",
  "hostile",
  "partners",
  "verified",
  "verifying",
];

export const TASK_SCENES: readonly Scene[] = [
  at("tasks", "/tasks"),
  at("tasks-failed", "/tasks?status=failed"),
  at("tasks-filtered-empty", "/tasks?q=no-such-rule"),
  at("tasks-first-use", "/tasks", { variant: "first-use" }),
  at("tasks-no-grant", "/tasks", { user: "nobody" }),
  at("tasks-stale", "/tasks", { prepare: cutOff, act: growOld }),
  ...TASKS.map((key) => at(`task-${key}`, task(key))),
  at(
    "task-aside",
    ({ seeded }) =>
      `/tasks/${seeded.tasks.running ?? ""}?transfer=${seeded.transfers["running:failed"] ?? ""}`,
  ),
  at("task-throughput-table", task("running", "?data=1")),
  at("task-only-failed", task("retried", "?status=failed")),
  at("task-filtered-empty", task("retried", "?q=no-such-repository")),
  at("task-stale", task("running"), { prepare: cutOff, act: growOld }),
  at("task-view-only", task("running"), { user: "viewer" }),
  at("task-stop", task("running"), {
    act: async (page, t) => {
      await page
        .getByRole("button", { name: t("tasks.stop.action"), exact: true })
        .first()
        .click();
      await page.getByRole("dialog").waitFor();
    },
  }),
  at("transfer-copied", transfer("running:copied")),
  at("transfer-failed", transfer("running:failed")),
  at("transfer-running", transfer("running:running")),
  at("transfer-pending", transfer("running:pending")),
  at("transfer-skipped", transfer("skipped:skipped")),
  at("transfer-verified", transfer("verified:up-to-date")),
  at("transfer-damaged", transfer("verified:failed")),
  at("transfer-hostile", transfer("hostile:failed")),
];
