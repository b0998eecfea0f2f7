"use client";

import { useLocale } from "next-intl";
import { useEffect, useState } from "react";
import { formatDuration, formatDurationColumn } from "@/lib/format/duration.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatShort } from "@/lib/format/time.ts";
import type { TaskRow } from "@/lib/schemas/task.ts";
import { AbsoluteWords, useTimeStyle } from "../kit/relative-time.tsx";
import { Tooltip } from "../kit/tooltip.tsx";
import { useNow } from "../kit/use-now.ts";

/** `今天15:36:08`; the whole with its zone on hover and focus. */
export function ShortTime({ at }: { at: string }) {
  const style = useTimeStyle();
  const now = useNow();
  return (
    <Tooltip content={<AbsoluteWords at={at} />}>
      <time
        dateTime={at}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the absolute time must be reachable by keyboard
        tabIndex={0}
        suppressHydrationWarning
        className="xl:whitespace-nowrap"
      >
        {formatShort(at, now, style)}
      </time>
    </Tooltip>
  );
}

interface TaskDurationProps {
  task: TaskRow;
  /** As in a sentence, not as in a column. */
  prose?: boolean;
  className?: string;
}

/** 任务耗时: from the first claim to the end; it goes on while the task works. `—` before. */
export function TaskDuration({ task, prose = false, className }: TaskDurationProps) {
  const locale = useLocale() as Locale;
  const open = task.claimedAt !== null && task.endedAt === null;
  const now = useTick(open);
  if (task.claimedAt === null) {
    return className === undefined ? "—" : <span className={className}>{"—"}</span>;
  }
  const end = task.endedAt === null ? now : Date.parse(task.endedAt);
  const ms = Math.max(0, end - Date.parse(task.claimedAt));
  return (
    <span suppressHydrationWarning className={className}>
      {prose ? formatDuration(ms, locale) : formatDurationColumn(ms)}
    </span>
  );
}

function useTick(ticking: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!ticking) {
      return;
    }
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
}
