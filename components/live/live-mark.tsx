"use client";

import { WifiOff } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { POLL_MS, useLive } from "./live-provider.tsx";

interface LiveMarkProps {
  /** When what is shown was read, ms since 1970; 0: nothing has been, and the mark says nothing of it. */
  updatedAt: number;
  /** The last request for it failed. */
  failing: boolean;
  /** What is shown changes by itself: without the stream it is asked for often. */
  moving?: boolean;
}

/** A poll that takes longer than this beyond its interval does not come: the other end hangs. */
const LATE_MS = 5_000;

/** Whether what one sees is fresh: 实时, or since when it is not. */
export function LiveMark({ updatedAt, failing, moving = false }: LiveMarkProps) {
  const t = useTranslations("status.live");
  const live = useLive();
  const age = useAge(updatedAt, failing || live === "polling");
  const late = age * 1000 > (moving ? POLL_MS.moving : POLL_MS.resting) + LATE_MS;
  if (failing || (live === "polling" && late)) {
    return (
      <span role="status" className="flex items-center gap-1.5 text-meta text-gamboge-fg">
        <WifiOff aria-hidden="true" size={14} strokeWidth={1.75} />
        {t("stale", { seconds: age })}
      </span>
    );
  }
  if (live === "polling") {
    return (
      <span className="flex items-center gap-1.5 text-meta text-ink-3">
        <WifiOff aria-hidden="true" size={14} strokeWidth={1.75} />
        {t("polling", { seconds: POLL_MS.moving / 1000 })}
      </span>
    );
  }
  return (
    <span
      className={`flex items-center gap-1.5 whitespace-nowrap text-meta text-ink-3 ${updatedAt === 0 ? "invisible" : ""}`}
    >
      <i
        aria-hidden="true"
        className="size-1.5 rounded-full"
        style={{ background: live === "live" ? "var(--malachite-fill)" : "var(--slate-fill)" }}
      />
      {t(live === "live" ? "on" : "connecting")}
    </span>
  );
}

/** Whole seconds since `at`, counted only while `ticking`. */
function useAge(at: number, ticking: boolean): number {
  const [now, setNow] = useState(at);
  useEffect(() => {
    if (!ticking) {
      return;
    }
    const tick = () => setNow(Date.now());
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [ticking]);
  return Math.max(0, Math.round((now - at) / 1000));
}
