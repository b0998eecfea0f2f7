import type { Page } from "@playwright/test";
import { at, rulesOf, type Scene, SOURCE } from "../scene.ts";
import type { HeldVariant, StageFacts } from "../stage-facts.ts";

// Next has an empty alert of its own on every page.
const alertOf = (page: Page) => page.getByRole("alert").filter({ hasText: /\S/ });
const untilFailed = async (page: Page) => {
  await alertOf(page).first().waitFor();
};
const LOADS = 5;
const untilBars = async (page: Page) => {
  for (let load = 0; load < LOADS; load += 1) {
    await page.locator("main tr.late").first().waitFor();
    // Bars come after 200 ms, so that quick answers do not flash.
    await page.waitForTimeout(400);
    // On a busy machine the read has failed before the bars could be seen; what failed has bars too.
    if ((await alertOf(page).count()) === 0) {
      return;
    }
    await page.reload({ waitUntil: "commit" });
  }
  throw new Error("it had failed each time before it was seen loading");
};

const failed = (name: string, path: Scene["path"], variant: HeldVariant = "held") =>
  at(`${name}-error`, path, { variant, act: untilFailed });
const loading = (name: string, path: Scene["path"], variant: HeldVariant = "held") =>
  at(`${name}-loading`, path, { variant, early: true, act: untilBars });

const base = ({ seeded }: StageFacts) => seeded.rules["base-everywhere"]?.id ?? "";
const rule = (facts: StageFacts) => `/rules/${base(facts)}`;
const deletions = (facts: StageFacts) => `/rules/${base(facts)}/deletions`;
const task = ({ seeded }: StageFacts) => `/tasks/${seeded.tasks.retried ?? ""}`;

/** What stands there while a list is read, and when it could not be. */
export const HELD_SCENES: readonly Scene[] = [
  loading("overview", "/"),
  loading("topology", "/topology"),
  loading("rules", rulesOf(SOURCE)),
  loading("rules-tasks", rulesOf(SOURCE, "&view=tasks")),
  loading("rules-incoming", rulesOf(SOURCE, "&view=incoming")),
  loading("rule", rule),
  loading("deletions", deletions),
  loading("tasks", "/tasks"),
  loading("task", task, "held-details"),
  loading("instances", "/instances"),
  loading("users", "/users"),
  loading("grants", "/users?view=grants"),
  loading("notices", "/notifications"),
  loading("notices-deliveries", "/notifications?view=deliveries"),
  loading("audit", "/audit"),
  failed("overview", "/"),
  failed("rules", rulesOf(SOURCE)),
  failed("rules-tasks", rulesOf(SOURCE, "&view=tasks")),
  failed("rules-incoming", rulesOf(SOURCE, "&view=incoming")),
  failed("rule", rule),
  failed("deletions", deletions),
  failed("tasks", "/tasks"),
  failed("task", task, "held-details"),
  failed(
    "transfer",
    ({ seeded }) => `/transfers/${seeded.transfers["running:failed"] ?? ""}`,
    "held-details",
  ),
  failed("instance", ({ seeded }) => `/instances/${seeded.instances.shanghai ?? ""}`, "held-details"),
  failed("instances", "/instances"),
  failed("topology", "/topology"),
  failed("users", "/users"),
  failed("grants", "/users?view=grants"),
  failed("notices", "/notifications"),
  failed("notices-deliveries", "/notifications?view=deliveries"),
  failed("audit", "/audit"),
];
