import type { RuleListRow, RuleRow } from "../schemas/rule.ts";
import type { LastTask } from "../schemas/task.ts";

/** What a list shows of a rule, and no more. */
export function listed(rule: RuleRow): RuleListRow {
  const { id, name, description, sourceInstance, sourceNamespace, repositoryPattern, tagPattern } = rule;
  const { excludeTagPattern, semverRange, newestTags, platforms, resourceType, override, enabled } = rule;
  const { schedule, triggers, targets, lastTask, days, createdAt, may } = rule;
  return {
    ...{ id, name, description, sourceInstance, sourceNamespace, repositoryPattern, tagPattern },
    ...{ excludeTagPattern, semverRange, newestTags, platforms, resourceType, override, enabled },
    ...{ schedule, triggers, targets, lastTask: lastTask && lastOf(lastTask), days, createdAt, may },
  };
}

function lastOf(task: LastTask): LastTask {
  const { id, number, status, createdAt, claimedAt, scanEndedAt, endedAt } = task;
  const { stopRequestedAt, stoppedBy, waiting, failure, queue, pace } = task;
  const { repositoriesScanned, tagsScanned, total, running, copied, upToDate, skipped } = task.counters;
  const { failed, stopped, bytesTotal, bytesCopied, bytesMounted, bytesSkipped } = task.counters;
  return {
    ...{ id, number, status, createdAt, claimedAt, scanEndedAt, endedAt },
    ...{ stopRequestedAt, stoppedBy, waiting, failure, queue },
    pace: pace && { bytesPerSecond: pace.bytesPerSecond },
    counters: {
      ...{ repositoriesScanned, tagsScanned, total, running, copied, upToDate, skipped },
      ...{ failed, stopped, bytesTotal, bytesCopied, bytesMounted, bytesSkipped },
    },
  };
}
