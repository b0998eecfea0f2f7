"use client";

import { useLocale } from "next-intl";
import { type ReactNode, useRef, useState } from "react";
import { formatDuration } from "@/lib/format/duration.ts";
import type { Locale } from "@/lib/format/locale.ts";
import type { PreviewTotals } from "@/lib/schemas/preview.ts";
import type { LastTask } from "@/lib/schemas/task.ts";
import { lazily } from "../kit/lazily.tsx";
import type { Look } from "./what-it-would-move.ts";

const LargeDialog = lazily(() => import("./confirm-dialogs.tsx").then((module) => module.LargeDialog), {
  layer: true,
});

/**
 * Looks at what a trigger would move before it starts, and asks where that is very much. Where nothing can be told, it starts: the
 * task says why.
 * @param ids of the rules that are triggered together
 * @param start triggers them
 * @param lastTask of the one rule: its speed tells how long it will take
 */
export function useTriggerPreview(
  ids: readonly string[],
  start: () => Promise<void>,
  lastTask: LastTask | null = null,
): { begin: () => Promise<void>; counting: boolean; question: ReactNode } {
  const locale = useLocale() as Locale;
  const [counting, setCounting] = useState(false);
  const [asked, setAsked] = useState<PreviewTotals | null>(null);
  const under = useRef(false);
  const begin = async (): Promise<void> => {
    if (under.current) {
      return;
    }
    under.current = true;
    setCounting(true);
    const { totals, large } = await lookAt(ids);
    under.current = false;
    setCounting(false);
    if (large) {
      setAsked(totals);
    } else {
      await start();
    }
  };
  const ms = asked ? expectedMs(asked, lastTask) : null;
  return {
    begin,
    counting,
    question: asked ? (
      <LargeDialog
        open
        totals={asked}
        time={ms === null ? null : formatDuration(ms, locale)}
        onAnswer={(yes) => {
          setAsked(null);
          if (yes) {
            void start();
          }
        }}
      />
    ) : null,
  };
}

/** Its scripts come with the first trigger; without them nothing can be told. */
async function lookAt(ruleIds: readonly string[]): Promise<Look> {
  try {
    return await (await import("./what-it-would-move.ts")).whatTheyWouldMove(ruleIds);
  } catch {
    return { totals: null, large: false };
  }
}

/** A last task that moved less says nothing about speed. */
const LEAST_BYTES = 10e6;

/** By the speed of the rule's last task; null when there is none to go by. */
function expectedMs(totals: PreviewTotals, task: LastTask | null): number | null {
  if (!task?.claimedAt || !task.endedAt || task.counters.bytesCopied < LEAST_BYTES) {
    return null;
  }
  const tookMs = Date.parse(task.endedAt) - Date.parse(task.claimedAt);
  return tookMs > 0 ? (totals.bytes.toMove / task.counters.bytesCopied) * tookMs : null;
}
