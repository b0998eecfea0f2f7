"use client";

import type { ShellActivity } from "@/lib/schemas/system.ts";
import { lazily } from "../kit/lazily.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { useRefetchInterval } from "../live/live-provider.tsx";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { troubleOf } from "./system-trouble.ts";

// Every page carries this file and hardly any shows it.
const TroubleBand = lazily(() => import("./trouble-band.tsx").then((module) => module.TroubleBand));

/** What keeps tasks or saving from going on, above every page while it lasts. Reads what the rail asks for anyway. */
export function SystemNotice() {
  const { data, error } = useQuery({
    queryKey: queryKeys.activity(),
    queryFn: ({ signal }) => fetchJson<ShellActivity>("/api/activity", signal),
    refetchInterval: useRefetchInterval(true),
    retry: false,
  });
  const trouble = troubleOf(data, error);
  return trouble ? <TroubleBand trouble={trouble} /> : null;
}
