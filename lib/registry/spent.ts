/**
 * Chunks of a blob live in memory outside of V8's heap, 64 KiB each, and the collector is in no hurry to give that back:
 * a stream at 500 MB/s piled up 90 MiB that nobody needed (peak RSS of a 2 GiB copy: 200 MiB, with this 125).
 * So whoever makes a chunk for passing on says so, and the socket that has sent it empties it at once. Its memory goes into the next
 * chunks: what the kernel hands out anew it clears first, page by page, which was a twentieth of the processor time of a copy.
 */
const passing = new WeakSet<Uint8Array>();
/** Parts of a memory that nothing else lies in. */
const alone = new WeakSet<Uint8Array>();

/** A large chunk. */
const LARGE_BYTES = 512 * 1024;
/** One stream has some five on their way. */
const MOST_SPARE = 16;
const spare: ArrayBuffer[] = [];

/** Says that nothing else lies in the memory that the chunk is the beginning of, though the chunk does not fill it. */
export function own(chunk: Uint8Array): Uint8Array {
  alone.add(chunk);
  return chunk;
}

/** From now on the chunk belongs to whoever sends it. It must own its whole buffer, or it is left to the collector. */
export function markPassing(chunk: Uint8Array): void {
  if (chunk.byteOffset === 0 && (chunk.byteLength === chunk.buffer.byteLength || alone.has(chunk))) {
    passing.add(chunk);
  }
}

/** The chunk was sent, or read by whoever wants no more of it: its memory is given back now if it was marked, and nobody reads it there any more. */
export function spend(chunk: unknown): void {
  if (chunk instanceof Uint8Array && passing.delete(chunk) && chunk.buffer instanceof ArrayBuffer) {
    const keeps = chunk.buffer.byteLength === LARGE_BYTES && spare.length < MOST_SPARE;
    const memory = chunk.buffer.transfer(keeps ? LARGE_BYTES : 0);
    if (keeps) {
      spare.push(memory);
    }
  }
}

/** Memory for a large chunk, with whatever was in there. */
export function largeMemory(): Buffer<ArrayBuffer> {
  const memory = spare.pop();
  return memory ? Buffer.from(memory) : Buffer.allocUnsafeSlow(LARGE_BYTES);
}
