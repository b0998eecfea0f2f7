import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

const ENOUGH_BYTES = 16 * 1024 * 1024;

/**
 * On a machine with much memory V8 lets the young generation grow to 128 MiB and keeps that, which is more than all else that a
 * process holds that moves bytes. Here it stops growing once it is large enough for garbage to die in it. There is no flag
 * for this that is heeded once a process runs, and whoever starts the process gives none. It grows when garbage is collected, and is
 * looked at then: a process that waits is not woken for it.
 */
export function boundYoungGeneration(enoughBytes = ENOUGH_BYTES): void {
  const collections = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
    if (young && young.space_size >= enoughBytes) {
      setFlagsFromString("--semi-space-growth-factor=1");
      collections.disconnect();
    }
  });
  collections.observe({ entryTypes: ["gc"] });
}
