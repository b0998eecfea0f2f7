import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { consolePage, listPart } from "@/app/console-page.tsx";
import { NoInstance } from "@/components/rules/no-instance.tsx";
import { RuleTableSkeleton } from "@/components/rules/rule-head.tsx";
import { RulesEmpty } from "@/components/rules/rules-empty.tsx";
import { RulesHead } from "@/components/rules/rules-head.tsx";
import { InstanceTaskList, RuleList } from "@/components/rules/rules-views.tsx";
import { TaskTableSkeleton } from "@/components/tasks/task-head.tsx";
import type { Actor } from "@/lib/auth/actor.ts";
import { authorizePage } from "@/lib/auth/page.ts";
import { readCookie } from "@/lib/auth/request.ts";
import { findInstanceName, findInstanceOption, listInstanceOptions } from "@/lib/data/instance-options.ts";
import { countTabs, listRules } from "@/lib/data/rules.ts";
import { listTasks } from "@/lib/data/task-list.ts";
import { searchHref, searchOf } from "@/lib/format/search-href.ts";
import { textOf } from "@/lib/format/text-of.ts";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import { instanceToOpen, LAST_INSTANCE_COOKIE } from "@/lib/schemas/last-instance.ts";
import { RuleListQuery } from "@/lib/schemas/rule.ts";
import type { InstanceName } from "@/lib/schemas/task.ts";
import { TaskListQuery } from "@/lib/schemas/task-query.ts";

const pageTitle = async () => (await getTranslations("rules"))("title");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

interface RulesPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** 实例同步: the rules of one instance, its tasks, and the rules that point at it. Everything shown is in the URL. */
async function RulesPage({ searchParams }: RulesPageProps) {
  const params = await searchParams;
  const query = RuleListQuery.parse(params);
  if (!query.instance) {
    return LastInstance({ params });
  }
  const actor = await authorizePage("rule:view", { instanceId: query.instance });
  const list = query.view === "tasks" ? null : readAhead(listRules(actor, query));
  const [current, counts, target] = await Promise.all([
    findInstanceOption(actor, query.instance),
    countTabs(actor, query.instance),
    findInstanceName(actor, query.target),
  ]);
  if (!current) {
    notFound();
  }
  const head = { current, view: query.view, counts };
  const unfiltered = !query.q && !query.state && !query.target && !query.type;
  // Without a rule nothing was ever triggered either: the way to the first one stands under both tabs.
  if (counts.rules === 0 && (query.view === "tasks" || (query.view === "rules" && unfiltered))) {
    return (
      <>
        <RulesHead {...head} empty />
        <RulesEmpty instance={current} />
      </>
    );
  }
  return (
    <>
      <RulesHead {...head} />
      {list === null
        ? await listPart(
            () => InstanceTasks({ actor, instance: current, params }),
            <TaskTableSkeleton ofRule={false} />,
          )
        : await listPart(
            () => Rules({ list, query, target }),
            <RuleTableSkeleton query={query} search={searchOf(query, USUAL)} />,
          )}
    </>
  );
}

/** Rows are read beside what stands above them, not after it. Whoever shows them hears of a failure. */
function readAhead<T>(list: Promise<T>): Promise<T> {
  list.catch(() => undefined);
  return list;
}

/** What is not written into a URL. */
const USUAL = { view: "rules", sort: "name", size: 20 };

interface RulesProps {
  list: ReturnType<typeof listRules>;
  query: RuleListQuery;
  target: InstanceName | null;
}

async function Rules({ list, query, target }: RulesProps) {
  const { columns: _, ...asked } = query;
  return (
    <RuleList
      query={query}
      search={searchOf(query, USUAL)}
      apiSearch={searchOf(asked, USUAL)}
      initial={textOf(await list)}
      target={target}
    />
  );
}

/** Without an instance in the URL: the last one, else the first that the visitor may view; everything else in the URL kept. */
async function LastInstance({ params }: { params: Awaited<RulesPageProps["searchParams"]> }) {
  const visitor = await authorizePage("instance:list");
  const found = instanceToOpen(await listInstanceOptions(visitor), await readCookie(LAST_INSTANCE_COOKIE));
  if (found) {
    const kept = new URLSearchParams(Object.entries(params).map(([name, value]) => [name, String(value)]));
    redirect(searchHref("/rules", kept.toString(), { instance: found.id }));
  }
  return <NoInstance mayAdd={visitor.user.role === "root"} />;
}

interface InstanceTasksProps {
  actor: Actor<"rule:view">;
  instance: InstanceOption;
  params: Record<string, string | string[] | undefined>;
}

async function InstanceTasks({ actor, instance, params }: InstanceTasksProps) {
  const query = TaskListQuery.parse({ ...params, instance: instance.id });
  const apiSearch = searchOf(query, { size: 50 });
  return (
    <InstanceTaskList
      query={query}
      apiSearch={apiSearch}
      search={`${apiSearch}&view=tasks`}
      initial={textOf(await listTasks(actor, query))}
      ofRule={false}
    />
  );
}

RulesPage.heading = pageTitle;
/** The switcher leads to an instance that one may view. */
RulesPage.refusedHead = async ({ searchParams }: RulesPageProps, current: InstanceOption) => (
  <RulesHead current={current} view={RuleListQuery.parse(await searchParams).view} counts={null} empty />
);

export default consolePage(RulesPage, [
  "common.health",
  "common.pager",
  "common.search",
  "errors.failure",
  "preview.confirm",
  "rules",
  "status.live",
  "status.load",
  "status.task",
  "status.trigger",
  "tasks.*",
  "tasks.column",
  "tasks.filter",
  "tasks.last",
  "tasks.progress",
  "tasks.remark",
  "verify.*",
  "verify.dialog",
  "verify.form.depth",
]);
