import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { consolePage, listPart } from "@/app/console-page.tsx";
import { EmptyState } from "@/components/kit/empty-state.tsx";
import { LinkButton } from "@/components/kit/link-button.tsx";
import { PageHead } from "@/components/kit/page-head.tsx";
import { ListLiveMark } from "@/components/rules/rules-head.tsx";
import { TaskTableSkeleton } from "@/components/tasks/task-head.tsx";
import { TaskList } from "@/components/tasks/task-list.tsx";
import type { Actor } from "@/lib/auth/actor.ts";
import { authorizePage } from "@/lib/auth/page.ts";
import { findInstanceName, firstInstances } from "@/lib/data/instance-options.ts";
import { listTasks } from "@/lib/data/task-list.ts";
import { searchOf } from "@/lib/format/search-href.ts";
import { textOf } from "@/lib/format/text-of.ts";
import type { InstanceName } from "@/lib/schemas/task.ts";
import { TaskListQuery } from "@/lib/schemas/task-query.ts";

const pageTitle = async () => (await getTranslations("tasks"))("pageTitle");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

interface TasksPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** 同步任务: the tasks of every instance that one may see. */
async function TasksPage({ searchParams }: TasksPageProps) {
  const actor = await authorizePage("task:view");
  const query = TaskListQuery.parse(await searchParams);
  const [some, chosen, t] = await Promise.all([
    firstInstances(actor, 2),
    findInstanceName(actor, query.instance),
    getTranslations("tasks"),
  ]);
  if (some.length === 0 && actor.user.role !== "root") {
    return (
      <>
        <PageHead title={t("pageTitle")} />
        <EmptyState title={t("notGranted.title")} body={t("notGranted.body")} />
      </>
    );
  }
  return (
    <>
      <PageHead title={t("pageTitle")} actions={<ListLiveMark keys="tasks" />} />
      {
        await listPart(
          () => Tasks({ actor, query, instance: some.length > 1 || query.instance ? chosen : undefined }),
          <TaskTableSkeleton ofRule={false} />,
        )
      }
    </>
  );
}

interface TasksProps {
  actor: Actor<"task:view">;
  query: TaskListQuery;
  instance: InstanceName | null | undefined;
}

async function Tasks({ actor, query, instance }: TasksProps) {
  const [page, t] = await Promise.all([listTasks(actor, query), getTranslations("tasks.first")]);
  const search = searchOf(query, { size: 50 });
  return (
    <TaskList
      query={query}
      apiSearch={search}
      search={search}
      initial={textOf(page)}
      ofRule={false}
      instance={instance}
      empty={
        <EmptyState
          title={t("title")}
          body={t("body")}
          action={
            <LinkButton variant="primary" size="lg" href="/rules">
              {t("action")}
            </LinkButton>
          }
        />
      }
    />
  );
}

TasksPage.heading = pageTitle;

export default consolePage(TasksPage, [
  "common.health",
  "common.pager",
  "common.search",
  "errors.failure",
  "rules.*",
  "rules.switcher",
  "rules.tabs",
  "status.live",
  "status.load",
  "status.task",
  "status.trigger",
  "tasks.*",
  "tasks.column",
  "tasks.filter",
  "tasks.progress",
  "tasks.remark",
]);
