const CHUNK = 64 * 1024;
const PAGE = 100;

/** Bytes as a network brings them, until whoever wants them gives up. */
export async function* chunks(
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += CHUNK) {
    signal?.throwIfAborted();
    yield bytes.subarray(start, start + CHUNK);
  }
}

/** A list of names page by page, at least one; `arrive` is called before each, as the request that asks for it. */
export async function* pages(names: string[], arrive: () => void): AsyncGenerator<string[]> {
  for (let start = 0; start === 0 || start < names.length; start += PAGE) {
    arrive();
    yield names.slice(start, start + PAGE);
  }
}
