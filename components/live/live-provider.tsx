"use client";

import { createContext, type ReactNode, startTransition, useContext, useEffect, useState } from "react";
import { followEvents, type LiveState } from "./live-stream.ts";
import { QueryClientProvider, useQueryClient } from "./query.tsx";

const LiveContext = createContext<LiveState>("connecting");

/** How often a page asks without the stream: something that moves, and something that rests. */
export const POLL_MS = { moving: 3000, resting: 15_000 } as const;
/** A stream may be open and silent because its other end is gone; moving pages look after themselves now and then. */
const SAFETY_MS = 20_000;

/** The state of the one event stream of this page. */
export function useLive(): LiveState {
  return useContext(LiveContext);
}

/** `refetchInterval` of a query: off or rare while the stream is open. */
export function useRefetchInterval(moving: boolean): number | false {
  const live = useLive();
  if (live === "live") {
    return moving ? SAFETY_MS : false;
  }
  return moving ? POLL_MS.moving : POLL_MS.resting;
}

/** One query cache and one event stream for every page of the console. */
export function LiveProvider({ children }: { children: ReactNode }) {
  return (
    <QueryClientProvider>
      <EventStream>{children}</EventStream>
    </QueryClientProvider>
  );
}

function EventStream({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>("connecting");
  // In a transition: the stream may open before React has taken over a long list, which would then be done at one go.
  useEffect(() => followEvents(client, (next) => startTransition(() => setState(next))), [client]);
  return <LiveContext.Provider value={state}>{children}</LiveContext.Provider>;
}
