"use client";

import { useTranslations } from "next-intl";
import type { TextOf } from "@/lib/format/text-of.ts";
import type { Page, TaskRow, TaskSample } from "@/lib/schemas/task.ts";
import type { TransferListQuery } from "@/lib/schemas/task-query.ts";
import type { Neighbours, TransferRow } from "@/lib/schemas/transfer.ts";
import { CopyButton } from "../kit/copy-button.tsx";
import { lazily } from "../kit/lazily.tsx";
import { PageHead } from "../kit/page-head.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { LiveMark } from "../live/live-mark.tsx";
import { useRefetchInterval } from "../live/live-provider.tsx";
import { LoadFailed } from "../live/load-failed.tsx";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { useText } from "../live/use-text.ts";
import { TaskStatusBadge } from "../status/task-status.tsx";
import type { Ends } from "../transfers/failure-context.ts";
import { TransferList } from "../transfers/transfer-list.tsx";
import { type FailureReason, FailureReasons } from "./failure-reasons.tsx";
import { PhaseTrack } from "./phase-track.tsx";
import { TaskActions } from "./task-actions.tsx";
import { TaskAnnouncer } from "./task-announcer.tsx";
import { TaskFacts } from "./task-facts.tsx";
import { TaskFigures } from "./task-figures.tsx";
import { type TaskJoin, TaskNotes } from "./task-notes.tsx";
import { TaskSpeed } from "./task-speed.tsx";
import { TaskTargets } from "./task-targets.tsx";

const TransferAside = lazily(() =>
  import("../transfers/transfer-aside.tsx").then((module) => module.TransferAside),
);

/** What the server has read of a task. */
export interface TaskFound {
  task: TaskRow;
  joins: readonly TaskJoin[];
  failures: FailureReason[];
  transfers: Page<TransferRow>;
  /** Open in the aside, from the URL. */
  opened: TransferRow | null;
  ends: Ends;
  samples: TaskSample[];
  /** Of the transfer that is open, if it failed. */
  neighbours: Neighbours | null;
}

interface TaskViewProps {
  found: TextOf<TaskFound>;
  query: TransferListQuery;
  apiSearch: string;
  search: string;
  /** The throughput is shown as numbers. */
  asData: boolean;
  canOperate: boolean;
}

/** One task: how far it is, how fast, what failed and why, and each of its transfers. */
export function TaskView(props: TaskViewProps) {
  const t = useTranslations("tasks");
  const found = useText(props.found);
  const live = useTask(found.task);
  const task = live.data;
  const remainingMs = task.pace?.remainingMs ?? null;
  return (
    <>
      <TaskAnnouncer task={task} remainingMs={remainingMs} />
      <TaskHead task={task} canOperate={props.canOperate}>
        <LiveMark updatedAt={live.dataUpdatedAt} failing={live.isError} moving={task.endedAt === null} />
      </TaskHead>
      <LoadFailed query={live} title={t("loadFailedOne")} />
      <TaskNotes task={task} joins={found.joins} />
      <PhaseTrack task={task} remainingMs={remainingMs} />
      {task.targets.length > 1 ? <TaskTargets task={task} /> : null}
      <div className="grid gap-x-8 gap-y-4 border-line border-b px-6 py-4 max-md:px-4 lg:max-xl:gap-x-6 lg:grid-cols-[264px_minmax(0,1fr)_minmax(0,300px)] xl:grid-cols-[264px_minmax(0,1fr)_minmax(0,392px)]">
        <TaskFigures task={task} />
        <TaskSpeed task={task} initial={found.samples} asData={props.asData} search={props.search} />
        <FailureReasons task={task} initial={found.failures} ends={found.ends} search={props.search} />
      </div>
      <div className="flex min-h-0 flex-1 max-lg:flex-col">
        <TransferList
          task={task}
          query={props.query}
          apiSearch={props.apiSearch}
          search={props.search}
          initial={found.transfers}
          openId={found.opened?.id ?? null}
          ends={found.ends}
          taskFailing={live.isError}
        />
        {found.opened ? (
          <TransferAside
            task={task}
            transfer={found.opened}
            transfers={found.transfers}
            neighbours={found.neighbours}
            apiSearch={props.apiSearch}
            search={props.search}
            ends={found.ends}
          />
        ) : null}
      </div>
    </>
  );
}

function useTask(initial: TaskRow) {
  const refetchInterval = useRefetchInterval(initial.endedAt === null);
  return useQuery({
    queryKey: queryKeys.task(initial.id),
    queryFn: ({ signal }) => fetchJson<TaskRow>(`/api/tasks/${initial.id}`, signal),
    initialData: initial,
    refetchInterval,
  });
}

interface TaskHeadProps {
  task: TaskRow;
  canOperate: boolean;
  children: React.ReactNode;
}

function TaskHead({ task, canOperate, children }: TaskHeadProps) {
  const t = useTranslations("tasks");
  const id = `#${task.number}`;
  return (
    <PageHead
      line={false}
      crumbs={[
        { label: t("crumb"), href: `/rules?instance=${task.sourceInstance.id}` },
        { label: task.sourceInstance.name, href: `/rules?instance=${task.sourceInstance.id}` },
        { label: task.ruleName, href: `/rules/${task.ruleId}` },
        { label: t("title") },
      ]}
      title={
        <>
          {t("title")} <code className="font-medium text-[18px]!">{id}</code>
        </>
      }
      beside={
        <>
          <CopyButton value={id} label={t("copyId", { id })} />
          <TaskStatusBadge task={task} chip />
        </>
      }
      actions={
        <>
          {children}
          <TaskActions task={task} canOperate={canOperate} />
        </>
      }
      facts={<TaskFacts task={task} />}
    />
  );
}
