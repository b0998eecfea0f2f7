"use client";

import { useSyncExternalStore } from "react";

const TICK_MS = 30_000;

/** One clock for the whole page: a list has a hundred times in it. */
const watchers = new Set<() => void>();
let present = new Date().toISOString();
let timer: ReturnType<typeof setInterval> | undefined;

function read(): string {
  if (Date.now() - Date.parse(present) >= TICK_MS) {
    present = new Date().toISOString();
  }
  return present;
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(() => {
    present = new Date().toISOString();
    for (const each of watchers) {
      each();
    }
  }, TICK_MS);
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The present, ISO 8601, moving on twice a minute. */
export function useNow(): string {
  return useSyncExternalStore(watch, read, read);
}
