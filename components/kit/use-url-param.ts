"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { keepingPage } from "@/lib/format/search-href.ts";

/**
 * A control of which the server need not know, in the URL like every other (U1): reload, back and a shared link show it. Setting it is a
 * step of the history; the list stays at its page. `null`: away.
 */
export function useUrlParam(name: string): [string | null, (value: string | null) => void] {
  const pathname = usePathname();
  const params = useSearchParams();
  return [
    params.get(name),
    (value) =>
      window.history.pushState(null, "", keepingPage(pathname, params.toString(), { [name]: value })),
  ];
}

/** Whether a row of a list is open, and what opens and closes it: `?open=` names those that are. */
export function useOpenRow(id: string): [boolean, () => void] {
  const [value, set] = useUrlParam("open");
  const ids = value?.split(",") ?? [];
  const open = ids.includes(id);
  return [open, () => set((open ? ids.filter((each) => each !== id) : [...ids, id]).join(",") || null)];
}
