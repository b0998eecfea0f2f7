import type { Page } from "@playwright/test";
import { at, rulesOf, type Scene, SOURCE } from "../scene.ts";

const untilFailed = async (page: Page) => {
  // Next has an empty alert of its own on every page.
  await page.getByRole("alert").filter({ hasText: /\S/ }).first().waitFor();
};
const untilBars = async (page: Page) => {
  await page.locator("main tr.late").first().waitFor();
  // Bars come after 200 ms, so that quick answers do not flash.
  await page.waitForTimeout(400);
};

const failed = (name: string, path: Scene["path"]) =>
  at(`${name}-error`, path, { variant: "held", act: untilFailed });
const loading = (name: string, path: Scene["path"]) =>
  at(`${name}-loading`, path, { variant: "held", early: true, act: untilBars });

/** What stands there while a list is read, and when it could not be. */
export const HELD_SCENES: readonly Scene[] = [
  loading("overview", "/"),
  loading("topology", "/topology"),
  loading("rules", rulesOf(SOURCE)),
  loading("rules-tasks", rulesOf(SOURCE, "&view=tasks")),
  loading("tasks", "/tasks"),
  loading("instances", "/instances"),
  loading("users", "/users"),
  loading("grants", "/users?view=grants"),
  loading("notices", "/notifications"),
  loading("notices-deliveries", "/notifications?view=deliveries"),
  loading("audit", "/audit"),
  failed("overview", "/"),
  failed("rules", rulesOf(SOURCE)),
  failed("tasks", "/tasks"),
  failed("instances", "/instances"),
  failed("topology", "/topology"),
  failed("users", "/users"),
  failed("grants", "/users?view=grants"),
  failed("notices", "/notifications"),
  failed("notices-deliveries", "/notifications?view=deliveries"),
  failed("audit", "/audit"),
];
