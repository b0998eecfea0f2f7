import { expect, test } from "vitest";
import { mergeMessages, pickMessages } from "./pick-messages.ts";

const messages = {
  rules: { title: "Rules", form: { name: "Name", tag: "Tag" }, list: { none: "None" } },
  errors: { unknown: "Unknown", failure: { dns: { title: "Host not found" } } },
  tasks: { title: "Tasks" },
};

test("whole namespaces, groups, single texts, and the texts of a group without its groups", () => {
  expect(pickMessages(messages, ["tasks", "rules.form", "errors.*"])).toEqual({
    tasks: { title: "Tasks" },
    rules: { form: { name: "Name", tag: "Tag" } },
    errors: { unknown: "Unknown" },
  });
  expect(pickMessages(messages, ["rules.form.name", "rules.list"])).toEqual({
    rules: { form: { name: "Name" }, list: { none: "None" } },
  });
});

test("what is not there is left out", () => {
  expect(pickMessages(messages, ["nothing", "rules.title.more"])).toEqual({ rules: {} });
});

test("groups grow together", () => {
  const one = { rules: { form: { name: "Name" } } };
  expect(mergeMessages(one, { rules: { form: { tag: "Tag" }, title: "Rules" } })).toEqual({
    rules: { form: { name: "Name", tag: "Tag" }, title: "Rules" },
  });
  expect(one).toEqual({ rules: { form: { name: "Name" } } });
});
