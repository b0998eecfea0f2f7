import { expect, test } from "vitest";
import { draftErrors } from "./draft-errors.ts";
import { differingFields, EMPTY_DRAFT, inputOf, type RuleDraft } from "./rule-draft.ts";

const TARGET = "019370a0-0000-7000-8000-000000000001";
const draft: RuleDraft = {
  ...EMPTY_DRAFT,
  name: "trade-core-bj",
  sourceNamespace: "trade",
  targets: [{ key: 0, instanceId: TARGET, namespace: "" }],
};

test("a blank target namespace means the same as the source, / means the root", () => {
  expect(inputOf(draft).targets).toEqual([{ instanceId: TARGET, namespace: null }]);
  const root = { ...draft, targets: [{ key: 0, instanceId: TARGET, namespace: "/" }] };
  expect(inputOf(root).targets).toEqual([{ instanceId: TARGET, namespace: "" }]);
  expect(inputOf({ ...draft, sourceNamespace: "/" }).sourceNamespace).toBe("");
  expect(draftErrors(draft)).toEqual({});
  expect(draftErrors({ ...draft, sourceNamespace: "/" })).toEqual({});
});

test("each refused field is named", () => {
  const errors = draftErrors({
    ...EMPTY_DRAFT,
    name: "Bad Name",
    tagPattern: "v(",
    repositoryPattern: "(?=a)b",
  });
  expect(Object.keys(errors).toSorted()).toEqual([
    "name",
    "repositoryPattern",
    "sourceNamespace",
    "tagPattern",
    "targets.0.instanceId",
  ]);
  expect(errors.name).toEqual({ key: "rule-name-invalid" });
  expect(errors.sourceNamespace).toEqual({ key: "required" });
  expect(errors["targets.0.instanceId"]).toEqual({ key: "target-required" });
  expect(errors.tagPattern).toMatchObject({ key: "pattern-syntax", values: { position: 2, fragment: "(" } });
  expect(errors.repositoryPattern).toMatchObject({
    key: "pattern-unsupported",
    values: { reason: "look-around" },
  });
});

test("a schedule that is off is none, whatever was typed; one that is on is checked field by field", () => {
  const schedule = { on: true, cron: " 30  2 * * * ", timeZone: "Asia/Shanghai" };
  expect(inputOf({ ...draft, schedule: { ...schedule, on: false, cron: "x" } }).schedule).toBeNull();
  expect(draftErrors({ ...draft, schedule: { ...schedule, on: false, cron: "x" } })).toEqual({});
  expect(draftErrors({ ...draft, schedule })).toEqual({});
  expect(draftErrors({ ...draft, schedule: { ...schedule, cron: "30 25 * * *", timeZone: "" } })).toEqual({
    "schedule.cron": { key: "cron-field", values: { field: 2, text: "25" } },
    "schedule.timeZone": { key: "time-zone-unknown" },
  });
  expect(draftErrors({ ...draft, schedule: { ...schedule, cron: "* * * * * *" } })["schedule.cron"]).toEqual({
    key: "cron-count",
    values: { count: 6 },
  });
  expect(
    draftErrors({ ...draft, schedule: { ...schedule, cron: "0 0 30 2 *" } })["schedule.cron"],
  ).toMatchObject({
    key: "cron-never",
  });
  expect(draftErrors({ ...draft, schedule: { ...schedule, cron: " " } })["schedule.cron"]).toMatchObject({
    key: "required",
  });
});

test("triggers count among the differences, what is typed beside a switch that is off does not", () => {
  const off = { on: false, cron: "1 1 * * *", timeZone: "UTC" };
  expect(differingFields(draft, { ...draft, schedule: off })).toEqual([]);
  expect(differingFields(draft, { ...draft, onEvent: false, schedule: { ...off, on: true } })).toEqual([
    "onEvent",
    "schedule",
  ]);
});

test("how a rule is verified: the switch, and a schedule of its own that is checked as the other is", () => {
  expect(inputOf(draft).verify).toEqual({ after: null, schedule: null });
  const verifySchedule = { on: true, cron: "0 3 * * 0", timeZone: "Asia/Shanghai", deep: true };
  const verified: RuleDraft = { ...draft, verifyAfter: "shallow", verifySchedule };
  expect(inputOf(verified).verify).toEqual({
    after: "shallow",
    schedule: { cron: "0 3 * * 0", timeZone: "Asia/Shanghai", deep: true },
  });
  expect(draftErrors(verified)).toEqual({});
  expect(draftErrors({ ...verified, verifySchedule: { ...verifySchedule, cron: "0 3 * *" } })).toEqual({
    "verify.schedule.cron": { key: "cron-count", values: { count: 4 } },
  });
  expect(differingFields(draft, verified)).toEqual(["verifyAfter", "verifySchedule"]);
  expect(
    differingFields(verified, { ...verified, verifySchedule: { ...verifySchedule, deep: false } }),
  ).toEqual(["verifySchedule"]);
  expect(differingFields(draft, { ...draft, verifySchedule: { ...verifySchedule, on: false } })).toEqual([]);
});

test("the differences of two drafts are named by field", () => {
  expect(differingFields(draft, { ...draft, backfill: false })).toEqual([]);
  expect(
    differingFields(draft, {
      ...draft,
      tagPattern: "v.*",
      targets: [{ key: 7, instanceId: TARGET, namespace: "dr" }],
    }),
  ).toEqual(["tagPattern", "targets"]);
});

test("deletions are followed only where they are turned on, within what the rule may wait and let go", () => {
  expect(inputOf(draft).deletion).toBeNull();
  const on = (delayHours: string, share: string) => ({ ...draft, deletion: { on: true, delayHours, share } });
  expect(inputOf(on("48", "5")).deletion).toEqual({ delayHours: 48, share: 5 });
  expect(draftErrors(on(" 48 ", "5"))).toEqual({});
  for (const wrong of ["0", "721", "1.5", "-1", "", "x", "1e3"]) {
    expect([wrong, draftErrors(on(wrong, "101"))]).toEqual([
      wrong,
      { "deletion.delayHours": { key: "delay-range" }, "deletion.share": { key: "share-range" } },
    ]);
  }
  expect(draftErrors({ ...draft, deletion: { on: false, delayHours: "x", share: "" } })).toEqual({});
});

test("what narrows the tags and platforms: blank means no bound, and each wrong field is named", () => {
  expect(inputOf(draft)).toMatchObject({
    excludeTagPattern: "",
    semverRange: "",
    newestTags: null,
    platforms: null,
  });
  const narrowed: RuleDraft = {
    ...draft,
    excludeTagPattern: ".*-rc.*",
    semverRange: " >=1.4 <2 ",
    newestTags: "5",
    platforms: { mode: "sparse", names: " linux/amd64，linux/arm/v7 linux/amd64" },
  };
  expect(draftErrors(narrowed)).toEqual({});
  expect(inputOf(narrowed)).toMatchObject({
    newestTags: 5,
    platforms: { mode: "sparse", names: ["linux/amd64", "linux/arm/v7"] },
  });
  expect(
    draftErrors({
      ...draft,
      excludeTagPattern: "v(",
      semverRange: ">>1",
      newestTags: "0",
      platforms: { mode: "single", names: "linux/amd64 linux/arm64" },
    }),
  ).toMatchObject({
    excludeTagPattern: { key: "pattern-syntax" },
    semverRange: { key: "version-range-invalid" },
    newestTags: { key: "newest-range" },
    "platforms.names": { key: "platform-one" },
  });
  const names = (text: string) => draftErrors({ ...draft, platforms: { mode: "sparse", names: text } });
  expect(names("")).toEqual({ "platforms.names": { key: "required" } });
  expect(names("linux/amd64 amd64")).toEqual({
    "platforms.names": { key: "platform-invalid", values: { name: "amd64" } },
  });
  const off: RuleDraft = { ...draft, platforms: { mode: "all", names: "amd64" } };
  expect(draftErrors(off)).toEqual({});
  expect(differingFields(draft, off)).toEqual([]);
  expect(differingFields(draft, narrowed)).toEqual([
    "excludeTagPattern",
    "semverRange",
    "newestTags",
    "platforms",
  ]);
});
