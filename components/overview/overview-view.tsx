"use client";

import { useTranslations } from "next-intl";
import type { Overview } from "@/lib/schemas/overview.ts";
import { PageHead } from "../kit/page-head.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { LiveMark } from "../live/live-mark.tsx";
import { useRefetchInterval } from "../live/live-provider.tsx";
import { LoadFailed } from "../live/load-failed.tsx";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { AttentionList } from "./attention-list.tsx";
import { Figures } from "./figures.tsx";
import { FirstStepsStair } from "./first-steps.tsx";
import { HealthAside } from "./health-aside.tsx";
import { RunningList } from "./running-list.tsx";

/** The last 24 hours and how things stand; until something has been synced, the way there. */
export function OverviewView({ initial }: { initial: Overview }) {
  const t = useTranslations("overview");
  const query = useQuery({
    queryKey: queryKeys.overview(),
    queryFn: ({ signal }) => fetchJson<Overview>("/api/overview", signal),
    initialData: initial,
    refetchInterval: useRefetchInterval(initial.running.count > 0),
  });
  const overview = query.data;
  const { firstSteps } = overview;
  return (
    <>
      <PageHead
        title={t("title")}
        beside={firstSteps?.rules === 0 ? null : <span className="text-ink-3">{t("lastDay")}</span>}
        actions={<LiveMark updatedAt={query.dataUpdatedAt} failing={query.isError} />}
      />
      <LoadFailed query={query} title={t("loadFailed")} />
      {firstSteps ? <FirstStepsStair steps={firstSteps} alone={firstSteps.rules === 0} /> : null}
      {firstSteps?.rules === 0 ? null : (
        <>
          <Figures overview={overview} />
          <div className="flex flex-1 max-xl:flex-col">
            <div className="min-w-0 flex-1">
              <RunningList running={overview.running} />
              <AttentionList overview={overview} />
            </div>
            <aside className="shrink-0 bg-canvas max-xl:border-line max-xl:border-t xl:w-(--aside-w) xl:border-line xl:border-l">
              <HealthAside overview={overview} />
            </aside>
          </div>
        </>
      )}
    </>
  );
}
