"use client";

import { type ComponentProps, lazy } from "react";

/*
 * One page, two lists: each comes with its own scripts only. Without a boundary of their own: from one tab to the other the old
 * list stands until the new one is there, and the server sends them with the page.
 */
const rules = () => import("./rule-list.tsx").then((module) => ({ default: module.RuleList }));
const tasks = () => import("../tasks/task-list.tsx").then((module) => ({ default: module.TaskList }));
const LoadedRules = lazy(rules);
const LoadedTasks = lazy(tasks);

if (typeof window !== "undefined") {
  // Asked for before React comes to it, so that the page is taken over at once.
  void (new URLSearchParams(window.location.search).get("view") === "tasks" ? tasks() : rules());
}

export function RuleList(props: ComponentProps<typeof LoadedRules>) {
  return <LoadedRules {...props} />;
}

export function InstanceTaskList(props: ComponentProps<typeof LoadedTasks>) {
  return <LoadedTasks {...props} />;
}
