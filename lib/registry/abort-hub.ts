/** Of each signal: who is to be told. */
const hubs = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Tells of the abort of a signal that thousands of requests share, some dozens at a time: it has one listener for all of them, since
 * to take one of many listeners away again it is looked for among the others.
 * @returns what ends it; the signal may be aborted already: then nobody is told
 */
export function onAbort(signal: AbortSignal, tell: () => void): () => void {
  let told = hubs.get(signal);
  if (!told) {
    told = new Set();
    hubs.set(signal, told);
    signal.addEventListener("abort", () => tellAll(signal), { once: true });
  }
  const all = told;
  // One of its own, though somebody may ask twice with the same.
  const each = () => tell();
  all.add(each);
  return () => void all.delete(each);
}

function tellAll(signal: AbortSignal): void {
  for (const each of hubs.get(signal) ?? []) {
    each();
  }
}
