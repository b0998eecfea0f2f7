"use client";

import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { type Query, QueryClient, type QueryKey, type QueryState, type ReadOptions } from "./query-client.ts";

/** What was read less than this ago is not read again when a page comes to show it. */
const FRESH_MS = 10_000;

const ClientContext = createContext<QueryClient | null>(null);

export function QueryClientProvider({ children }: { children: ReactNode }) {
  const [client] = useState(() => new QueryClient());
  return <ClientContext.Provider value={client}>{children}</ClientContext.Provider>;
}

export function useQueryClient(): QueryClient {
  const client = useContext(ClientContext);
  if (!client) {
    throw new Error("useQuery stands outside of LiveProvider");
  }
  return client;
}

export interface QueryOptions<Data> extends ReadOptions<Data> {
  /** By default true. */
  enabled?: boolean;
  /** How old data may be when a page begins to show it, in milliseconds. */
  staleTime?: number;
  /** Reads again this long after the last try, while the page is seen. */
  refetchInterval?: number | false;
  /** Shown until the data of a new key is here; it is given what was shown before. */
  placeholderData?: (previous: Data | undefined) => Data | undefined;
}

export interface QueryResult<Data> extends QueryState<Data> {
  refetch(): Promise<void>;
}

export function useQuery<Data>(
  options: QueryOptions<Data> & { initialData: Data },
): QueryResult<Data> & { data: Data };
export function useQuery<Data>(options: QueryOptions<Data>): QueryResult<Data>;
export function useQuery<Data>(options: QueryOptions<Data>): QueryResult<Data> {
  const { enabled = true, staleTime = FRESH_MS, refetchInterval = false } = options;
  const query = useQueryClient().query(options);
  query.begin(options);
  const current = () => query.state;
  const state = useSyncExternalStore(
    useCallback((watcher: () => void) => query.watch(watcher), [query]),
    current,
    current,
  );
  useEffect(() => {
    if (enabled && query.isOlderThan(staleTime)) {
      void query.read();
    }
  }, [query, enabled, staleTime]);
  useEveryNowAndThen(query, enabled ? refetchInterval : false, state);
  useWhenBack(query, enabled, staleTime);
  const shown = useRef<Data>(undefined);
  const data = state.data ?? options.placeholderData?.(shown.current);
  useEffect(() => {
    shown.current = data;
  });
  return { ...state, data, refetch: () => query.read({ anew: true }) };
}

/** Counted from the end of the last try, whichever way it went. */
function useEveryNowAndThen(
  query: Query<never> | Query<unknown>,
  everyMs: number | false,
  { dataUpdatedAt, errorUpdatedAt }: QueryState<unknown>,
): void {
  const triedAt = Math.max(dataUpdatedAt, errorUpdatedAt);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a try that ended starts the time anew
  useEffect(() => {
    if (everyMs === false) {
      return;
    }
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") {
        void query.read();
      }
    }, everyMs);
    return () => clearInterval(timer);
  }, [query, everyMs, triedAt]);
}

/** A page that is looked at again, or whose network is back, shows nothing old. */
function useWhenBack(query: Query<never> | Query<unknown>, enabled: boolean, staleMs: number): void {
  useEffect(() => {
    if (!enabled) {
      return;
    }
    const look = () => {
      if (document.visibilityState === "visible" && query.isOlderThan(staleMs)) {
        void query.read();
      }
    };
    document.addEventListener("visibilitychange", look);
    window.addEventListener("online", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("online", look);
    };
  }, [query, enabled, staleMs]);
}

/** When the newest list of a kind was read and whether its last try failed. */
export function useNewest(prefix: QueryKey): { updatedAt: number; failing: boolean } {
  const client = useQueryClient();
  const watch = useCallback((watcher: () => void) => client.watch(watcher), [client]);
  const newest = () => client.find(prefix).findLast(({ active }) => active)?.state;
  const none = () => undefined;
  const state = useSyncExternalStore(watch, newest, none);
  return { updatedAt: state?.dataUpdatedAt ?? 0, failing: state?.isError ?? false };
}
