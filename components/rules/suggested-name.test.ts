import { expect, test } from "vitest";
import { EMPTY_DRAFT, type RuleDraft } from "./rule-draft.ts";
import { withSuggestedName } from "./suggested-name.ts";

const NAMES: Record<string, string> = { sg: "SG prod", cn: "新加坡" };
const nameOf = (id: string) => NAMES[id] ?? "";
const to = (instanceId: string) => [{ key: 0, instanceId, namespace: "" }];
const after = (before: RuleDraft, changed: Partial<RuleDraft>) =>
  withSuggestedName({ ...before, ...changed }, before, nameOf);

test("a rule is named after what it copies and where to, until somebody types a name", () => {
  const chosen = after(EMPTY_DRAFT, { sourceNamespace: "team/app" });
  expect(chosen.name).toBe("team-app");
  const aimed = after(chosen, { targets: to("sg") });
  expect(aimed.name).toBe("team-app-sg-prod");
  expect(after(aimed, { targets: to("cn") }).name).toBe("team-app");
  const typed = after(aimed, { name: "mine" });
  expect(typed.name).toBe("mine");
  expect(after(typed, { sourceNamespace: "other" }).name).toBe("mine");
});

test("a name that was emptied stays empty until something else changes; the root names nothing", () => {
  const chosen = after(EMPTY_DRAFT, { sourceNamespace: "team" });
  expect(after(chosen, { name: "" }).name).toBe("");
  expect(after(EMPTY_DRAFT, { sourceNamespace: "/" }).name).toBe("");
});
