import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

const ENOUGH_BYTES = 16 * 1024 * 1024;

/**
 * On a machine with much memory V8 lets the young generation grow to 128 MiB and keeps that, which is more than all else that a
 * process holds that moves bytes. Here it grows until it is large enough for garbage to die in it, and no further. There is no flag
 * for this that is heeded once a process runs, and whoever starts the process gives none. It grows when garbage is collected, and is
 * looked at then: a process that waits is not woken for it. While one waits V8 takes the young generation back, and it is to grow
 * again when there is work: left as small as that, a process that moves bytes spends a tenth of its time on collections.
 */
export function boundYoungGeneration(): void {
  let grows = true;
  const collections = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
    const isEnough = young !== undefined && young.space_size >= ENOUGH_BYTES;
    if (isEnough === grows) {
      grows = !isEnough;
      setFlagsFromString(`--semi-space-growth-factor=${grows ? 2 : 1}`);
    }
  });
  collections.observe({ entryTypes: ["gc"] });
}
