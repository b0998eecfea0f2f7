import type { DeletionJob } from "../../queue/queues.ts";
import { fencedByRule, RuleGone } from "../../queue/rule-fence.ts";
import type { JobHandler } from "../job.ts";
import { carryOutDue } from "./carry-out.ts";
import { lookAtEvents } from "./look-at-events.ts";
import { rememberEarlier } from "./placed-tags.ts";
import { carryOutRestores } from "./restore.ts";
import { sweepRule } from "./sweep.ts";

/** Everything that follows from a deletion at a source, for one rule. */
export const deletionJob: JobHandler<DeletionJob> = {
  async run(job, context) {
    const { data, lease } = job;
    try {
      switch (data.kind) {
        case "sweep":
          return await sweepRule(job, context, data);
        case "events":
          return await lookAtEvents(job, context, data);
        case "due":
          await carryOutRestores(job, context);
          return await carryOutDue(job, context);
        case "remember":
          return await fencedByRule(context.db, lease, data.ruleId, (tx) => rememberEarlier(tx, data.ruleId));
      }
    } catch (error) {
      if (error instanceof RuleGone) {
        return;
      }
      throw error;
    }
  },
};
