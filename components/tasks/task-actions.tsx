"use client";

import { Download, RotateCcw, Square } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { retryFailedAction, stopTaskAction } from "@/lib/actions/tasks.ts";
import { formatCount } from "@/lib/format/ratio.ts";
import type { TaskRow } from "@/lib/schemas/task.ts";
import { Button } from "../kit/button.tsx";
import { ConfirmDialog } from "../kit/dialog.tsx";
import { showToast } from "../kit/toast.tsx";
import { useQueryClient } from "../live/query.tsx";
import { useAction } from "../live/use-action.ts";

/** 仅重试失败项 and 停止, each only where it makes sense. */
export function TaskActions({ task, canOperate }: { task: TaskRow; canOperate: boolean }) {
  const t = useTranslations("tasks");
  const needs = canOperate ? null : t("needsOperate");
  return (
    <>
      {task.claimedAt ? <LogLink task={task} /> : null}
      {task.counters.failed > 0 ? <RetryButton task={task} disabledReason={needs} /> : null}
      {task.endedAt === null ? <StopButton task={task} disabledReason={needs} /> : null}
    </>
  );
}

/** A download, not a page: the browser takes it as a file. On a phone its word is left to who hears it, so that the buttons stay in one row. */
function LogLink({ task }: { task: TaskRow }) {
  const t = useTranslations("tasks");
  return (
    <a
      href={`/api/tasks/${task.id}/log`}
      download
      className="inline-flex h-8 items-center gap-1.5 rounded-sm px-3 font-medium text-ink-2 whitespace-nowrap hover:bg-hover hover:text-ink max-md:size-11 max-md:justify-center max-md:px-0"
    >
      <Download aria-hidden className="size-3.5 shrink-0 stroke-[1.9]" />
      <span className="max-md:sr-only">{t("log")}</span>
    </a>
  );
}

interface ActionProps {
  task: TaskRow;
  disabledReason: string | null;
}

function RetryButton({ task, disabledReason }: ActionProps) {
  const t = useTranslations("tasks.retry");
  const router = useRouter();
  const { run, busy } = useAction(retryFailedAction);
  const retry = async () => {
    const started = await run({ taskId: task.id });
    if (started) {
      showToast({
        tone: "started",
        message: t(started.joined ? "joined" : "started", { task: `#${started.number}` }),
      });
      router.push(`/tasks/${started.taskId}`);
    }
  };
  return (
    <Button
      icon={<RotateCcw aria-hidden />}
      busy={busy}
      busyLabel={t("busy")}
      disabledReason={disabledReason ?? (task.endedAt === null ? t("afterEnd") : null)}
      onClick={() => void retry()}
    >
      {t("action", { n: formatCount(task.counters.failed) })}
    </Button>
  );
}

function StopButton({ task, disabledReason }: ActionProps) {
  const t = useTranslations("tasks.stop");
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const { run, busy } = useAction(stopTaskAction, (_failure, sentence) => setRefused(sentence));
  const stop = async () => {
    setRefused(null);
    if ((await run({ taskId: task.id })) !== null) {
      setAsking(false);
      showToast({ message: t("toast") });
      await client.invalidateQueries({ queryKey: ["task", task.id] });
    }
  };
  const id = `#${task.number}`;
  return (
    <>
      <Button
        variant="danger"
        icon={<Square aria-hidden />}
        disabledReason={disabledReason ?? (task.stopRequestedAt ? t("already") : null)}
        onClick={() => setAsking(true)}
      >
        {t("action")}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("title", { task: id })}
        description={
          task.counters.total === 0
            ? t("nothingYet")
            : t("description", {
                n: formatCount(task.counters.copied),
                m: formatCount(task.counters.running),
              })
        }
        confirmLabel={t("confirm")}
        cancelLabel={t("keep")}
        tone="danger"
        busy={busy}
        error={refused}
        onConfirm={() => void stop()}
      />
    </>
  );
}
