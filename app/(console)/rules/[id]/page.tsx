import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { consolePage, listPart } from "@/app/console-page.tsx";
import { DeletionSummary } from "@/components/deletions/deletion-summary.tsx";
import { RuleSkeleton } from "@/components/rules/rule-skeleton.tsx";
import { RuleView } from "@/components/rules/rule-view.tsx";
import { TaskTableSkeleton } from "@/components/tasks/task-head.tsx";
import { TaskList } from "@/components/tasks/task-list.tsx";
import type { Actor } from "@/lib/auth/actor.ts";
import { authorizePage } from "@/lib/auth/page.ts";
import { deletionCounts } from "@/lib/data/deletions.ts";
import { getRuleDetail } from "@/lib/data/rule-totals.ts";
import { listTasks } from "@/lib/data/task-list.ts";
import { searchOf } from "@/lib/format/search-href.ts";
import { textOf } from "@/lib/format/text-of.ts";
import { TaskListQuery } from "@/lib/schemas/task-query.ts";

interface RulePageProps {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** Above what went wrong: the name of the rule is not known then. */
const heading = async () => (await getTranslations("rules"))("title");

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("rules"))("log") };
}

/** One rule: its configuration, its last 30 days, and 触发日志. */
async function RulePage({ params, searchParams }: RulePageProps) {
  const { id } = await params;
  const actor = await authorizePage("rule:view", { ruleId: id });
  const query = TaskListQuery.parse({ ...(await searchParams), rule: id });
  return listPart(() => Rule({ actor, id, query }), <RuleSkeleton />, await heading());
}

interface RuleProps {
  actor: Actor<"rule:view">;
  id: string;
  query: TaskListQuery;
}

async function Rule({ actor, id, query }: RuleProps) {
  const [rule, deletions, log] = await Promise.all([
    getRuleDetail(actor, id),
    deletionCounts(actor, id),
    listPart(() => Log({ actor, query }), <TaskTableSkeleton ofRule />),
  ]);
  return (
    <>
      <RuleView initial={rule} />
      <DeletionSummary key={id} ruleId={id} following={rule.deletion !== null} initial={deletions} />
      {log}
    </>
  );
}

async function Log({ actor, query }: Pick<RuleProps, "actor" | "query">) {
  const [page, t] = await Promise.all([listTasks(actor, query), getTranslations("rules")]);
  const { rule: _, ...own } = query;
  return (
    <TaskList
      query={query}
      apiSearch={searchOf(query, { size: 50 })}
      search={searchOf(own, { size: 50 })}
      initial={textOf(page)}
      ofRule
      heading={t("log")}
    />
  );
}

RulePage.heading = heading;

export default consolePage(RulePage, [
  "common.health",
  "common.pager",
  "common.search",
  "deletions.summary",
  "errors.failure",
  "lag.*",
  "preview.confirm",
  "rules.*",
  "rules.column.success",
  "rules.delete",
  "rules.narrowing",
  "rules.outcome",
  "rules.schedule",
  "rules.strip",
  "rules.switcher",
  "rules.toast",
  "rules.type",
  "status.live",
  "status.load",
  "status.task",
  "status.trigger",
  "tasks.*",
  "tasks.column",
  "tasks.filter",
  "tasks.progress",
  "tasks.remark",
  "verify.*",
  "verify.dialog",
  "verify.fact",
  "verify.form.depth",
]);
