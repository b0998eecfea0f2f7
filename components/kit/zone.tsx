"use client";

import { useTimeZone } from "next-intl";
import { createContext, type ReactNode, startTransition, useContext, useEffect, useState } from "react";
import { ZONE_COOKIE } from "@/lib/schemas/zone-cookie.ts";
import { keepInBrowser } from "./browser-cookie.ts";

const ZoneContext = createContext<string | undefined>(undefined);

/**
 * The zone of every time on the page. The server makes the page for the zone that a cookie names (lib/auth/zone.ts); in a browser that
 * has none yet, or has moved, the page changes to the reader's own in a transition, and the next one is right from the start. Not a
 * store: one that differs would have React take over a list of a hundred rows and draw it anew at one go, deaf to keys meanwhile.
 */
export function ZoneProvider({ children }: { children: ReactNode }) {
  const serverZone = useTimeZone();
  const [zone, setZone] = useState(serverZone);
  useEffect(() => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (own && own !== serverZone) {
      keepInBrowser(ZONE_COOKIE, own);
      startTransition(() => setZone(own));
    }
  }, [serverZone]);
  return <ZoneContext.Provider value={zone}>{children}</ZoneContext.Provider>;
}

export function useZone(): string | undefined {
  const serverZone = useTimeZone();
  return useContext(ZoneContext) ?? serverZone;
}
