import type { LiveEvent } from "@/lib/schemas/live.ts";

/** Keys of everything that is fetched and kept fresh; a key names its subject first, so that a prefix invalidates it. */
export const queryKeys = {
  rules: (search: string) => ["rules", search] as const,
  rule: (ruleId: string) => ["rule", ruleId] as const,
  tasks: (search: string) => ["tasks", search] as const,
  task: (taskId: string) => ["task", taskId] as const,
  transfers: (taskId: string, search: string) => ["task", taskId, "transfers", search] as const,
  joins: (taskId: string) => ["task", taskId, "joins"] as const,
  /** Asked for when the number of failures has changed, not with every event. */
  failures: (taskId: string, failed: number) => ["failures", taskId, failed] as const,
  /** Asked for now and then: what is newest stands in the task's row. */
  samples: (taskId: string, ended: boolean) => ["samples", taskId, ended] as const,
  instances: () => ["instances"] as const,
  instanceOptions: (q: string) => ["instances", "options", q] as const,
  instance: (instanceId: string) => ["instance", instanceId] as const,
  activity: () => ["activity"] as const,
  topology: (region: string) => ["topology", "graph", region] as const,
  topologyRows: (search: string) => ["topology", "rows", search] as const,
  overview: () => ["overview"] as const,
  deletions: (ruleId: string, ...part: string[]) => ["deletions", ruleId, ...part] as const,
  notices: () => ["notices"] as const,
};

/** Pages over everything: any event may change them. */
const OVERVIEWS = [["topology"], ["overview"]] as const;

/** Which queries an event makes stale. */
export function staleAfter(event: LiveEvent): readonly (readonly string[])[] {
  switch (event.kind) {
    case "task":
      return [
        ["task", event.taskId],
        ["tasks"],
        ["rules"],
        ["rule", event.ruleId],
        ["activity"],
        ...OVERVIEWS,
      ];
    case "rule":
      return [["rules"], ["rule", event.ruleId], ["deletions", event.ruleId], ...OVERVIEWS];
    case "deletion":
      return [["deletions", event.ruleId]];
    case "instance":
      // Many instances are checked every minute: a list asks now and then by itself, and at once when something is different.
      return event.same
        ? [["instance", event.instanceId]]
        : [["instances"], ["instance", event.instanceId], ...OVERVIEWS];
    case "notice":
      return [["notices"]];
    case "session":
      return [];
  }
}
