"use client";

import { useTranslations } from "next-intl";
import { formatClock } from "@/lib/format/time.ts";
import { ErrorBand } from "../kit/error-band.tsx";
import { ApiError } from "./fetch-json.ts";
import type { QueryResult } from "./query.tsx";

/** The band above rows that could not be refreshed; the last good copy stays below. */
export function LoadFailed({ query, title }: { query: QueryResult<unknown>; title: string }) {
  const t = useTranslations("status.load");
  if (!query.isError) {
    return null;
  }
  const { error } = query;
  const known = error instanceof ApiError ? error : null;
  const clock = (at: number) => formatClock(new Date(at).toISOString());
  const facts = [
    t("failedAt", { time: clock(query.errorUpdatedAt) }),
    known ? String(known.status) : null,
    query.data === undefined ? null : t("lastGood", { time: clock(query.dataUpdatedAt) }),
  ];
  return (
    <ErrorBand
      title={title}
      body={t(known === null ? "offline" : known.status >= 500 ? "database" : "refused")}
      requestId={known?.requestId ?? null}
      facts={facts.filter((fact) => fact !== null)}
      retrying={query.isFetching}
      onRetry={() => void query.refetch()}
    />
  );
}
