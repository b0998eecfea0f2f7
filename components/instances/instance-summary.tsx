"use client";

import { useTranslations } from "next-intl";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import type { HealthStatus } from "@/lib/schemas/words.ts";
import { fetchJson } from "../live/fetch-json.ts";
import { useRefetchInterval } from "../live/live-provider.tsx";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";

const ORDER = ["healthy", "slow", "unreachable", "unknown"] as const satisfies readonly HealthStatus[];

/** 8个实例：6个正常，1个变慢，1个不可达; it counts anew when the health of one changes. */
export function InstanceSummary({ initial }: { initial: readonly InstanceOption[] }) {
  const t = useTranslations("instances");
  const { data: options } = useQuery({
    queryKey: [...queryKeys.instances(), "options"],
    queryFn: ({ signal }) => fetchJson<readonly InstanceOption[]>("/api/instances/options", signal),
    initialData: initial,
    refetchInterval: useRefetchInterval(false),
  });
  const viewed = options.filter((option) => option.grants.level !== null);
  const parts = ORDER.map((status) => ({
    status,
    n: viewed.filter((option) => option.health === status).length,
  }))
    .filter(({ n }) => n > 0)
    .map(({ status, n }) => t("summaryPart", { n, health: status }));
  return (
    <p className="text-ink-3 max-md:order-1 max-md:w-full">
      {t("summary", { n: options.length, parts: parts.join(t("summarySeparator")) })}
    </p>
  );
}
