"use client";

import { useTranslations } from "next-intl";
import { formatClock } from "@/lib/format/time.ts";
import { ErrorBand } from "../kit/error-band.tsx";
import { ApiError } from "./fetch-json.ts";
import { type QueryResult, useQueryClient } from "./query.tsx";

interface LoadFailedProps {
  query: QueryResult<unknown>;
  title: string;
  /** What the page is about failed too: its band above says so for both. */
  saidAbove?: boolean;
}

/** The band above rows that could not be refreshed; the last good copy stays below. */
export function LoadFailed({ query, title, saidAbove = false }: LoadFailedProps) {
  const t = useTranslations("status.load");
  const client = useQueryClient();
  if (!query.isError || saidAbove) {
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
      // Of the whole page: what failed beside it has no button of its own.
      onRetry={() => void client.invalidateQueries()}
    />
  );
}
