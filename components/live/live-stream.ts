import type { LiveEvent } from "@/lib/schemas/live.ts";
import type { QueryClient } from "./query-client.ts";
import { staleAfter } from "./query-keys.ts";

/** `live`: the stream is open. `polling`: it is not, and lists ask for themselves. */
export type LiveState = "connecting" | "live" | "polling";

const FLUSH_MS = 1000;
const RETRY_MS = [1000, 2000, 5000, 10_000, 30_000] as const;
/** The server beats every 15 s: a stream that is silent for longer has lost its other end without a word. */
const SILENT_MS = 40_000;
const WATCH_MS = 5_000;

/** Gathers stale keys and invalidates them at most once a second: the first at once, a flood in steps. */
function invalidator(client: QueryClient) {
  const keys = new Map<string, readonly string[]>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let flushedAt = 0;
  const flush = () => {
    timer = null;
    flushedAt = Date.now();
    for (const queryKey of keys.values()) {
      void client.invalidateQueries({ queryKey });
    }
    keys.clear();
  };
  return {
    add(stale: readonly (readonly string[])[]) {
      for (const key of stale) {
        keys.set(key.join("\n"), key);
      }
      timer ??= setTimeout(flush, Math.max(0, flushedAt + FLUSH_MS - Date.now()));
    },
    close() {
      if (timer) {
        clearTimeout(timer);
      }
    },
  };
}

/**
 * Opens the stream and keeps it open: the browser reconnects by itself unless the answer was an error; after silence, and when the
 * network is back, it is opened anew. Whatever may have been missed is asked for again.
 * @returns how to end it
 */
export function followEvents(client: QueryClient, onState: (state: LiveState) => void): () => void {
  const stale = invalidator(client);
  let source: EventSource | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let heardAt = Date.now();

  const lost = () => {
    failures += 1;
    onState("polling");
  };
  const reconnect = (delayMs: number) => {
    source?.close();
    clearTimeout(retry);
    heardAt = Date.now();
    retry = setTimeout(connect, delayMs);
  };
  const hear = (message: MessageEvent<string>) => {
    heardAt = Date.now();
    stale.add(staleAfter(JSON.parse(message.data) as LiveEvent));
  };
  function connect() {
    const stream = new EventSource("/api/live");
    source = stream;
    stream.onopen = () => {
      heardAt = Date.now();
      if (failures > 0) {
        void client.invalidateQueries();
      }
      failures = 0;
      onState("live");
    };
    stream.onerror = () => {
      lost();
      if (stream.readyState === EventSource.CLOSED) {
        reconnect(RETRY_MS[Math.min(failures, RETRY_MS.length) - 1] ?? 30_000);
      }
    };
    for (const kind of ["task", "rule", "instance", "deletion", "notice"]) {
      stream.addEventListener(kind, hear);
    }
    stream.addEventListener("beat", () => {
      heardAt = Date.now();
    });
    stream.addEventListener("resync", () => void client.invalidateQueries());
  }
  const watch = setInterval(() => {
    if (source?.readyState === EventSource.OPEN && Date.now() - heardAt > SILENT_MS) {
      lost();
      reconnect(0);
    }
  }, WATCH_MS);
  const online = () => reconnect(0);
  window.addEventListener("offline", lost);
  window.addEventListener("online", online);
  connect();
  return () => {
    window.removeEventListener("offline", lost);
    window.removeEventListener("online", online);
    clearInterval(watch);
    clearTimeout(retry);
    source?.close();
    stale.close();
  };
}
