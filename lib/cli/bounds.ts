import { ByteBucket } from "../sync/byte-bucket.ts";
import { PlaceGate } from "../sync/place-gate.ts";
import { type Throttle, type ThrottledEnd, throttleBetween, throttleReading } from "../sync/throttle.ts";
import type { SyncOptions } from "./arguments.ts";

/** What bounds a run; nothing where no limit was asked for. */
export interface Bounds {
  /** Content on its way from the source to the target. */
  throttle?: Throttle;
  /** Content of the target that is read again. */
  reading?: Throttle;
}

/** One bound for both ends, and for whatever is read again: what is read is what is written. */
export function boundsOf({ maxBytesPerSecond, maxCopies }: SyncOptions): Bounds {
  if (maxBytesPerSecond === null && maxCopies === null) {
    return {};
  }
  const end = (id: string): ThrottledEnd => ({
    id,
    gate: new PlaceGate(),
    read: new ByteBucket(),
    write: new ByteBucket(),
  });
  const source = end("source");
  source.read.setRate(maxBytesPerSecond ?? Number.POSITIVE_INFINITY);
  source.gate.setBound(maxCopies ?? Number.POSITIVE_INFINITY);
  return { throttle: throttleBetween(source, end("target")), reading: throttleReading(source) };
}
