import clsx from "clsx";
import {
  ChevronsRight,
  CircleCheck,
  CircleEqual,
  CircleHelp,
  CircleSlash,
  Contrast,
  GitMerge,
  Hourglass,
  Minus,
  OctagonX,
  Plus,
  Replace,
  ScanSearch,
  SearchX,
  Square,
} from "lucide-react";
import { useTranslations } from "next-intl";
import type { ComponentType } from "react";
import type { TaskRow, TaskStatus, TransferRow, TransferStatus } from "@/lib/schemas/task.ts";
import type { EdgeState } from "@/lib/schemas/topology.ts";
import type { PreviewVerdict } from "@/lib/schemas/words.ts";
import { CircleDashed, type IconProps } from "./kit/circle-dashed.tsx";

/**
 * The only place that gives a status its colour and shape (design, "Status vocabulary").
 * Bare in tables; as a chip in titles. The word is always there, the icon is hidden from readers.
 */
type Tone = "azurite" | "malachite" | "gamboge" | "cinnabar" | "rouge" | "slate";

interface Look {
  icon: ComponentType<IconProps>;
  tone: Tone;
}

const TEXT: Record<Tone, string> = {
  azurite: "text-azurite-fg",
  malachite: "text-malachite-fg",
  gamboge: "text-gamboge-fg",
  cinnabar: "text-cinnabar-fg",
  rouge: "text-rouge-fg",
  slate: "text-slate-fg",
};

const GROUND: Record<Tone, string> = {
  azurite: "bg-azurite-soft",
  malachite: "bg-malachite-soft",
  gamboge: "bg-gamboge-soft",
  cinnabar: "bg-cinnabar-soft",
  rouge: "bg-rouge-soft",
  slate: "bg-slate-soft",
};

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

const TRANSFER: Record<TransferStatus, Look> = {
  pending: { icon: CircleDashed, tone: "slate" },
  running: { icon: ChevronsRight, tone: "azurite" },
  copied: { icon: CircleCheck, tone: "malachite" },
  "up-to-date": { icon: CircleEqual, tone: "malachite" },
  skipped: { icon: CircleSlash, tone: "slate" },
  failed: { icon: OctagonX, tone: "cinnabar" },
  stopped: { icon: Square, tone: "slate" },
};

const REPLACED: Look = { icon: Replace, tone: "rouge" };

/** Grounds of a stacked bar and of the legend beside it. */
export const TRANSFER_FILL: Record<TransferStatus, string> = {
  pending: "var(--track)",
  running: "var(--azurite-fill)",
  copied: "var(--malachite-fill)",
  "up-to-date": "var(--hatch)",
  skipped: "var(--slate-fill)",
  failed: "var(--cinnabar-fill)",
  stopped: "var(--slate-line)",
};

export const FAILED_TEXT = TEXT.cinnabar;
export const WAITING_TEXT = TEXT.gamboge;

interface Line extends Look {
  stroke: string;
  /** Apart without colour too. */
  dash?: string;
}

/** Lines between instances: the state of their rules. */
const EDGE: Record<EdgeState, Line> = {
  succeeded: { icon: CircleCheck, tone: "malachite", stroke: "var(--malachite-fill)" },
  active: { icon: ChevronsRight, tone: "azurite", stroke: "var(--azurite-fill)" },
  partial: { icon: Contrast, tone: "gamboge", stroke: "var(--gamboge-fill)" },
  "nothing-matched": { icon: SearchX, tone: "gamboge", stroke: "var(--gamboge-fill)", dash: "12 3 3 3" },
  failed: { icon: OctagonX, tone: "cinnabar", stroke: "var(--cinnabar-fill)", dash: "7 4" },
  stopped: { icon: Square, tone: "slate", stroke: "var(--slate-fill)", dash: "12 4" },
  never: { icon: CircleDashed, tone: "slate", stroke: "var(--slate-fill)" },
  disabled: { icon: CircleSlash, tone: "slate", stroke: "var(--slate-fill)", dash: "2 4" },
};

export function edgeLine(state: EdgeState): { stroke: string; dash: string | undefined; text: string } {
  const { stroke, dash, tone } = EDGE[state];
  return { stroke, dash, text: TEXT[tone] };
}

export function EdgeStateIcon({ state }: { state: EdgeState }) {
  const { icon: Icon, tone } = EDGE[state];
  return <Icon aria-hidden="true" size={12} strokeWidth={1.9} className={clsx("shrink-0", TEXT[tone])} />;
}

interface BadgeProps {
  look: Look;
  word: string;
  chip?: boolean | undefined;
  moving?: boolean | undefined;
}

function Badge({ look, word, chip, moving }: BadgeProps) {
  const Icon = look.icon;
  return (
    <span
      className={clsx(
        "inline-flex items-center whitespace-nowrap align-top font-medium",
        TEXT[look.tone],
        chip ? `h-[22px] gap-1 rounded-xs px-2 text-meta ${GROUND[look.tone]}` : "gap-1.5",
      )}
    >
      <Icon
        aria-hidden="true"
        size={chip ? 12 : 14}
        strokeWidth={1.75}
        className={clsx("shrink-0", moving && "running-mark")}
      />
      {word}
    </span>
  );
}

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
  const { icon: Icon, tone } = TASK[status];
  return <Icon aria-hidden="true" size={14} strokeWidth={1.75} className={clsx("shrink-0", TEXT[tone])} />;
}

export function TransferStatusIcon({ status }: { status: TransferStatus }) {
  const { icon: Icon, tone } = TRANSFER[status];
  return <Icon aria-hidden="true" size={14} strokeWidth={1.75} className={clsx("shrink-0", TEXT[tone])} />;
}

export function JoinedBadge() {
  const t = useTranslations("status.task");
  return <Badge look={JOINED} word={t("joined")} />;
}

export type TransferState = Pick<TransferRow, "status" | "reason" | "replacedDigest">;

export function TransferStatusBadge({ transfer, chip }: { transfer: TransferState; chip?: boolean }) {
  const t = useTranslations("status.transfer");
  if (transfer.status === "copied" && transfer.replacedDigest) {
    return <Badge look={REPLACED} word={t("replaced")} chip={chip} />;
  }
  const { reason } = transfer;
  const word =
    transfer.status === "skipped" && (reason === "exists" || reason === "source-deleted")
      ? reason
      : transfer.status;
  return <Badge look={TRANSFER[transfer.status]} word={t(word)} chip={chip} />;
}

const VERDICT: Record<PreviewVerdict | "not-matched", Look> = {
  copy: { icon: Plus, tone: "azurite" },
  "up-to-date": { icon: CircleEqual, tone: "malachite" },
  overwrite: REPLACED,
  exists: { icon: CircleSlash, tone: "slate" },
  unknown: { icon: CircleHelp, tone: "gamboge" },
  "not-matched": { icon: Minus, tone: "slate" },
};

/** Grounds of the bar of a preview. */
export const VERDICT_FILL: Record<PreviewVerdict, string> = {
  copy: "var(--azurite-fill)",
  "up-to-date": "var(--hatch)",
  overwrite: "var(--rouge-fill)",
  exists: "var(--slate-fill)",
  unknown: "var(--gamboge-fill)",
};

/** What would become of a tag; with how many of them, or in other words. */
export function VerdictBadge({
  verdict,
  count,
  word,
}: {
  verdict: PreviewVerdict | "not-matched";
  count?: string;
  word?: string;
}) {
  const t = useTranslations("preview");
  const name = word ?? t(`verdict.${verdict}`);
  return (
    <Badge look={VERDICT[verdict]} word={count ? t("verdictCount", { verdict: name, n: count }) : name} />
  );
}

/** The mark of a rule that may replace content at its target: rouge, and nothing else is. */
export function OverwriteMark({ word }: { word: string }) {
  return (
    <span
      className={clsx("inline-flex items-center gap-1 rounded-xs px-1.5 text-meta", TEXT.rouge, GROUND.rouge)}
    >
      <Replace aria-hidden="true" size={12} strokeWidth={1.75} />
      {word}
    </span>
  );
}

/** A square of the legend of a stacked bar. */
export function TransferSwatch({ status }: { status: TransferStatus }) {
  return <i aria-hidden="true" className="size-2 shrink-0" style={{ background: TRANSFER_FILL[status] }} />;
}
