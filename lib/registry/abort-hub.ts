/** Who is told that a signal was aborted. */
export interface AbortListener {
  onAbort(reason: unknown): void;
}

const hubs = new WeakMap<AbortSignal, Set<AbortListener>>();

/**
 * Those that listen to a signal that thousands of requests share, some dozens at a time: whoever adds himself is told, until he takes
 * himself away. The signal has one listener for all of them, since to take one of many away again it is looked for among the others.
 * Where it is aborted already nobody is told any more.
 */
export function abortHub(signal: AbortSignal): Set<AbortListener> {
  let hub = hubs.get(signal);
  if (!hub) {
    hub = new Set();
    hubs.set(signal, hub);
    signal.addEventListener("abort", () => tellAll(signal), { once: true });
  }
  return hub;
}

function tellAll(signal: AbortSignal): void {
  for (const listener of hubs.get(signal) ?? []) {
    listener.onAbort(signal.reason);
  }
}
