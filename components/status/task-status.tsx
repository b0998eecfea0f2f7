import {
  ChevronsRight,
  CircleCheck,
  Contrast,
  GitMerge,
  Hourglass,
  OctagonX,
  ScanSearch,
  SearchX,
  Square,
} from "lucide-react";
import { useTranslations } from "next-intl";
import type { TaskRow, TaskStatus } from "@/lib/schemas/task.ts";
import { CircleDashed } from "../kit/circle-dashed.tsx";
import { Badge, type Look, StatusIcon } from "./look.tsx";

const TASK: Record<TaskStatus, Look> = {
  pending: { icon: CircleDashed, tone: "slate" },
  scanning: { icon: ScanSearch, tone: "azurite" },
  running: { icon: ChevronsRight, tone: "azurite" },
  succeeded: { icon: CircleCheck, tone: "malachite" },
  partial: { icon: Contrast, tone: "gamboge" },
  failed: { icon: OctagonX, tone: "cinnabar" },
  stopped: { icon: Square, tone: "slate" },
  "nothing-matched": { icon: SearchX, tone: "gamboge" },
};

const WAITING: Look = { icon: Hourglass, tone: "gamboge" };
const JOINED: Look = { icon: GitMerge, tone: "slate" };

export type TaskState = Pick<TaskRow, "status"> &
  Partial<Pick<TaskRow, "waiting" | "stopRequestedAt" | "endedAt">>;

/** A task's status; while it waits for a registry or for its stop, that is said instead. */
export function TaskStatusBadge({ task, chip }: { task: TaskState; chip?: boolean }) {
  const t = useTranslations("status.task");
  if (task.stopRequestedAt && !task.endedAt && task.status !== "stopped") {
    return <Badge look={TASK.stopped} word={t("stopping")} chip={chip} />;
  }
  if (task.waiting && !task.endedAt) {
    return (
      <Badge
        look={WAITING}
        word={t(isRateLimit(task.waiting.reason) ? "rate-limited" : "backing-off")}
        chip={chip}
      />
    );
  }
  return (
    <Badge
      look={TASK[task.status]}
      word={t(task.status)}
      chip={chip}
      moving={chip && task.status === "running"}
    />
  );
}

/** Whether a registry asked us to wait; otherwise we wait on our own account before the next try. */
export function isRateLimit(reason: string): boolean {
  return /rate|429|TOOMANYREQUESTS/i.test(reason);
}

export function TaskStatusIcon({ status }: { status: TaskStatus }) {
  return <StatusIcon look={TASK[status]} />;
}

export function JoinedBadge() {
  const t = useTranslations("status.task");
  return <Badge look={JOINED} word={t("joined")} />;
}
