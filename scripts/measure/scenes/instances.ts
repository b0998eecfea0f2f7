import type { Page } from "@playwright/test";
import { savedInAnotherTab } from "../meanwhile.ts";
import { alive } from "../play.ts";
import { at, cutOff, growOld, openedBy, type Scene, untilAskable } from "../scene.ts";
import type { StageFacts } from "../stage-facts.ts";

const instance =
  (key: string, rest = "") =>
  ({ seeded }: StageFacts) =>
    `/instances/${seeded.instances[key] ?? ""}${rest}`;

/** As it is told when no worker runs: the stage has one. */
const withoutWorkers = async (page: Page) => {
  await page.route("**/api/activity", (route) =>
    route.fulfill({ json: { running: 0, bytesPerSecond: null, trouble: "no-workers" } }),
  );
};

const DETAILS = ["shanghai", "beijing", "jakarta", "london", "virginia", "lab", "hostile", "longest"];

export const INSTANCE_SCENES: readonly Scene[] = [
  at("overview", "/"),
  at("overview-first-use", "/", { variant: "first-use" }),
  at("overview-one-instance", "/", { variant: "one-instance" }),
  at("overview-no-grant", "/", { user: "nobody" }),
  at("overview-sub-account", "/", { user: "chenli" }),
  at("overview-no-workers", "/", { prepare: withoutWorkers }),
  at("overview-stale", "/", { prepare: cutOff, act: growOld }),
  at("topology", "/topology"),
  at("topology-table", "/topology?view=table"),
  at("topology-chosen", ({ seeded }) => `/topology?at=${seeded.instances.singapore ?? ""}`),
  at(
    "topology-filtered-empty",
    ({ seeded }) => `/topology?at=${seeded.instances.london ?? ""}&state=stopped`,
  ),
  at("topology-first-use", "/topology", { variant: "first-use" }),
  at("topology-stale", "/topology", { prepare: cutOff, act: growOld }),
  at("topology-no-grant", "/topology", { user: "nobody" }),
  at("instances", "/instances"),
  at("instances-filtered-empty", "/instances?q=no-such-instance"),
  at("instances-first-use", "/instances", { variant: "first-use" }),
  at("instances-no-grant", "/instances", { user: "nobody" }),
  at("instances-stale", "/instances", { prepare: cutOff, act: growOld }),
  ...DETAILS.map((key) => at(`instance-${key}`, instance(key))),
  at("instance-stale", instance("shanghai"), { prepare: cutOff, act: growOld }),
  at("instance-forbidden", instance("singapore"), { user: "receiver", act: untilAskable }),
  at("instance-rotate", instance("shanghai"), { act: openedBy("instances.rotate.action") }),
  at("instance-event-address", instance("oregon"), { act: openedBy("events.create") }),
  at("instance-view-only", instance("shanghai"), { user: "viewer" }),
  // One that no rule names.
  at("instance-remove", instance("oregon"), {
    act: async (page, t) => {
      await page.getByRole("button", { name: t("instances.danger.remove") }).click();
      await page.getByRole("dialog").waitFor();
    },
  }),
  at("instance-new", "/instances/new"),
  at("instance-new-errors", "/instances/new", {
    act: async (page, t) => {
      await page.getByRole("button", { name: t("instances.form.create"), exact: true }).click();
      await page.locator("[aria-invalid=true]").first().waitFor();
    },
  }),
  at("instance-edit", instance("hangzhou", "/edit")),
  at("instance-conflict", instance("frankfurt", "/edit"), {
    act: async (page, t) => {
      const region = page.getByLabel(t("instances.region"), { exact: true });
      await alive(region);
      const save = t("instances.form.save");
      await savedInAnotherTab(page, save);
      await region.fill("欧洲中部");
      await page.getByRole("button", { name: save, exact: true }).click();
      await page.getByRole("button", { name: t("instances.conflict.mine") }).waitFor();
    },
  }),
  at("instance-limits", instance("beijing", "/edit")),
];
