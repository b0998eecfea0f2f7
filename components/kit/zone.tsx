"use client";

import { useTimeZone } from "next-intl";
import { createContext, type ReactNode, startTransition, useContext, useEffect, useState } from "react";

const ZoneContext = createContext<string | undefined>(undefined);

/**
 * The zone of every time on the page. The first paint, made on the server, uses the server's; the reader's own follows in a transition:
 * a store that differs would have React take over a list of a hundred rows and draw it anew at one go, deaf to keys meanwhile.
 */
export function ZoneProvider({ children }: { children: ReactNode }) {
  const serverZone = useTimeZone();
  const [zone, setZone] = useState(serverZone);
  useEffect(() => {
    startTransition(() => setZone(Intl.DateTimeFormat().resolvedOptions().timeZone));
  }, []);
  return <ZoneContext.Provider value={zone}>{children}</ZoneContext.Provider>;
}

export function useZone(): string | undefined {
  const serverZone = useTimeZone();
  return useContext(ZoneContext) ?? serverZone;
}
