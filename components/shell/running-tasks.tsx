"use client";

import { ChevronsRight } from "lucide-react";
import { useTranslations } from "next-intl";
import { byteFigure } from "@/lib/format/bytes.ts";
import type { Activity } from "@/lib/schemas/task.ts";
import { Link } from "../kit/link.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { useRefetchInterval } from "../live/live-provider.tsx";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { RAIL_LABEL } from "./rail-label.ts";

/** How many tasks run now, and how fast all together; absent when none does. */
export function RunningTasks() {
  const t = useTranslations("common");
  const { data } = useQuery({
    queryKey: queryKeys.activity(),
    queryFn: ({ signal }) => fetchJson<Activity>("/api/activity", signal),
    refetchInterval: useRefetchInterval(true),
    retry: false,
  });
  if (!data || data.running === 0) {
    return null;
  }
  const speed = data.bytesPerSecond === null ? null : byteFigure(data.bytesPerSecond, 4);
  return (
    <Link
      href="/tasks?status=running"
      className="mx-2 mb-2 grid w-[180px] shrink-0 grid-cols-[auto_1fr] items-center gap-x-2.5 rounded-sm px-3 py-1 text-meta whitespace-nowrap -outline-offset-2 hover:text-rail-ink"
    >
      <ChevronsRight
        aria-hidden
        className="running-mark size-4 shrink-0 stroke-[1.75] text-[oklch(0.76_0.1_236)]"
      />
      <span className={RAIL_LABEL}>{t("nav.running", { n: data.running })}</span>
      {speed ? (
        <span className={`${RAIL_LABEL} col-start-2 flex items-baseline gap-1.5`}>
          <span className="font-medium text-[14px] text-rail-ink">{speed.value}</span>
          <span className="text-micro">{t("nav.perSecond", { unit: speed.unit })}</span>
        </span>
      ) : null}
    </Link>
  );
}
