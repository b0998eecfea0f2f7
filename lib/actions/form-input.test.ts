import { describe, expect, test } from "vitest";
import { z } from "zod";
import { CreateInstanceInput } from "../schemas/instance.ts";
import { CreateRuleInput } from "../schemas/rule.ts";
import { parseForm } from "./form-input.ts";

const form = (fields: Record<string, string>): FormData => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    data.append(name, value);
  }
  return data;
};
const json = (value: unknown): FormData => form({ json: JSON.stringify(value) });

const RULE = {
  name: "app",
  sourceNamespace: "team",
  resourceType: "all",
  sourceInstanceId: "018f0000-0000-7000-8000-000000000001",
  targets: [{ instanceId: "018f0000-0000-7000-8000-000000000002", namespace: null }],
};

describe("parseForm", () => {
  test("merges the field json over the plain fields, and drops what Next adds", () => {
    const parsed = parseForm(
      z.object({ name: z.string(), size: z.number() }),
      form({ name: "plain", $ACTION_ID_x: "", json: '{"size":3,"name":"nested"}' }),
    );
    expect(parsed).toEqual({ ok: true, input: { name: "nested", size: 3 } });
  });

  test.each([
    ["no form", undefined],
    ["a string", "json"],
    ["broken JSON", form({ json: "{" })],
    ["a JSON array", form({ json: "[1]" })],
    ["JSON null", form({ json: "null" })],
    ["JSON too deep for a parser that recurses", form({ json: "[".repeat(100_000) })],
  ])("answers %s with a field, not with an exception", (_what, sent) => {
    expect(parseForm(CreateRuleInput, sent)).toEqual({ ok: false, fields: { form: { key: "invalid" } } });
  });

  test.each([
    ["name", "Upper", "rule-name-invalid"],
    ["name", "", "required"],
    ["name", "a".repeat(65), "too-long-64"],
    ["name", "a\u0000b", "rule-name-invalid"],
    ["name", "\u202eabc", "rule-name-invalid"],
    ["name", "../x", "rule-name-invalid"],
    ["name", 7, "required"],
    ["name", null, "required"],
    ["description", "x".repeat(257), "too-long-256"],
    ["sourceNamespace", "Team", "namespace-invalid"],
    ["sourceNamespace", "a//b", "namespace-invalid"],
    ["resourceType", "everything", "resource-type-unknown"],
    ["description", "a\u0000b", "control-characters"],
    ["targets", [], "target-required"],
    ["override", "yes", "invalid"],
    ["referrers", "yes", "invalid"],
    ["sourceInstanceId", "1 or 1=1", "invalid"],
    ["repositoryPattern", "(?=x)", "pattern-unsupported"],
    ["tagPattern", "a(", "pattern-syntax"],
    ["excludeTagPattern", "a\\1", "pattern-unsupported"],
    ["semverRange", ">>1", "version-range-invalid"],
    ["semverRange", "1".repeat(257), "too-long-256"],
    ["newestTags", 0, "newest-range"],
    ["newestTags", 10_001, "newest-range"],
    ["newestTags", 1.5, "newest-range"],
    ["newestTags", "3", "newest-range"],
    ["platforms", "linux/amd64", "invalid"],
  ])("names the field: %s = %j is %s", (field, value, key) => {
    const parsed = parseForm(CreateRuleInput, json({ ...RULE, [field]: value }));
    expect(parsed.ok ? {} : parsed.fields).toMatchObject({ [field]: { key } });
    expect(parsed.ok ? [] : Object.keys(parsed.fields)).toEqual([field]);
  });

  test("says where an expression is wrong", () => {
    const parsed = parseForm(CreateRuleInput, json({ ...RULE, tagPattern: "ab(?!c)" }));
    expect(parsed.ok ? {} : parsed.fields.tagPattern?.values).toMatchObject({ position: 3 });
  });

  test.each([
    [{ mode: "all", names: ["linux/amd64"] }, "platforms.mode", "platform-mode-unknown"],
    [{ mode: "sparse", names: [] }, "platforms.names", "required"],
    [{ mode: "sparse", names: ["linux/amd64", "../../etc"] }, "platforms.names", "platform-invalid"],
    [{ mode: "single", names: ["linux/amd64", "linux/arm64"] }, "platforms.names", "platform-one"],
    [
      { mode: "sparse", names: Array.from({ length: 33 }, (_, n) => `linux/a${n}`) },
      "platforms.names",
      "too-many-platforms",
    ],
  ])("names what is wrong with platforms: %j", (platforms, field, key) => {
    const parsed = parseForm(CreateRuleInput, json({ ...RULE, platforms }));
    expect(parsed.ok ? {} : parsed.fields).toMatchObject({ [field]: { key } });
  });

  test("names a nested field by its path", () => {
    const parsed = parseForm(
      CreateRuleInput,
      json({ ...RULE, targets: [RULE.targets[0], { instanceId: "x", namespace: "UP" }] }),
    );
    expect(parsed.ok ? {} : parsed.fields).toEqual({
      "targets.1.instanceId": { key: "target-required" },
      "targets.1.namespace": { key: "namespace-invalid" },
    });
  });

  test("drops fields that the schema does not know, prototypes among them", () => {
    const parsed = parseForm(
      CreateInstanceInput,
      form({
        name: "a",
        address: "registry.example",
        vendor: "generic",
        json: '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"role":"root","id":"1"}',
      }),
    );
    expect(parsed.ok && Object.keys(parsed.input).sort()).toEqual(
      expect.not.arrayContaining(["role", "id", "__proto__", "constructor"]),
    );
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
