"use client";

import type { Page, TaskRow } from "@/lib/schemas/task.ts";
import type { TransferRow } from "@/lib/schemas/transfer.ts";
import { fetchJson } from "../live/fetch-json.ts";
import { useRefetchInterval } from "../live/live-provider.tsx";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";

/** One page of a task's transfers, kept fresh; the list and the aside beside it read the same copy. */
export function useTransfers(
  task: TaskRow,
  { apiSearch, initial }: { apiSearch: string; initial: Page<TransferRow> },
) {
  const refetchInterval = useRefetchInterval(task.endedAt === null);
  return useQuery({
    queryKey: queryKeys.transfers(task.id, apiSearch),
    queryFn: ({ signal }) =>
      fetchJson<Page<TransferRow>>(`/api/tasks/${task.id}/transfers?${apiSearch}`, signal),
    initialData: initial,
    refetchInterval,
  });
}
