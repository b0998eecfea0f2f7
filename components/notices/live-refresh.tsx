"use client";

import { useRouter } from "next/navigation";
import { useRefetchInterval } from "../live/live-provider.tsx";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";

/** Asks for the page again when a notice was sent or an address changed, and now and then while something is on its way. */
export function LiveRefresh({ moving }: { moving: boolean }) {
  const router = useRouter();
  const refetchInterval = useRefetchInterval(moving);
  useQuery({
    queryKey: queryKeys.notices(),
    queryFn: async () => {
      router.refresh();
      return null;
    },
    initialData: null,
    refetchInterval,
  });
  return null;
}
