import type { ByteBucket } from "./byte-bucket.ts";
import type { Place, PlaceGate } from "./place-gate.ts";

/**
 * What bounds the copies between two ends. A port as placements are: lib/jobs gives one whose bounds hold for all workers
 * together, the command one of its own, and without one nothing is bounded.
 */
export interface Throttle {
  /** A copy that may begin at once; undefined when it has to wait. */
  tryEnter(copy: CopyToBegin): Passage | undefined;
  /** Waits until one more copy may begin. @throws the signal's reason when it is aborted meanwhile */
  enter(copy: CopyToBegin): Promise<Passage>;
  /** Content that is no copy of its own, such as a manifest: waits until so many bytes may pass. */
  pass(bytes: number, signal: AbortSignal): Promise<void> | undefined;
}

export interface CopyToBegin {
  sizeBytes: number;
  /** Copies of one owner take their turns among themselves. */
  owner: object;
  signal: AbortSignal;
}

/** A copy that may run. Whoever got it calls `leave` when it has ended, however it ended. */
export interface Passage {
  /**
   * Asks for every chunk. Undefined: it may pass at once, and nothing was waited for; unlimited copies pay a call a chunk.
   * @throws {PlaceLost} @throws the signal's reason
   */
  take(bytes: number, signal: AbortSignal): Promise<void> | undefined;
  /** What was opened before may have expired meanwhile. */
  readonly waitedMs: number;
  leave(): void;
}

/** A copy may not go on: its place may be somebody else's by now. It is to be begun again. */
export class PlaceLost extends Error {
  override readonly name = "PlaceLost";

  constructor() {
    super("the share of this process has expired, and with it the place of a copy");
  }
}

const FREE: Passage = { take: () => undefined, waitedMs: 0, leave: () => undefined };

export const UNTHROTTLED: Throttle = { tryEnter: () => FREE, enter: async () => FREE, pass: () => undefined };

/** What bounds one instance in this process. */
export interface ThrottledEnd {
  /** Places are asked for in the order of these: two copies in opposite directions would wait for each other. */
  readonly id: string;
  readonly gate: PlaceGate;
  readonly read: ByteBucket;
  readonly write: ByteBucket;
}

/** From one end to the other. A copy inside one instance takes one place there. */
export function throttleBetween(source: ThrottledEnd, target: ThrottledEnd): Throttle {
  const gates = [source, target]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ gate }) => gate)
    .filter((gate, index, all) => all.indexOf(gate) === index);
  return throttleOver(gates, (bytes, signal) => {
    const read = source.read.take(bytes, signal);
    return read ? read.then(() => target.write.take(bytes, signal)) : target.write.take(bytes, signal);
  });
}

/** Content of one end that is read and goes nowhere, as when it is verified. */
export function throttleReading({ gate, read }: Pick<ThrottledEnd, "gate" | "read">): Throttle {
  return throttleOver([gate], (bytes, signal) => read.take(bytes, signal));
}

function throttleOver(gates: readonly PlaceGate[], pass: Throttle["pass"]): Throttle {
  const passage = (places: readonly Place[], waitedMs: number): Passage => ({
    take: (bytes, signal) => {
      for (const place of places) {
        if (place.lost) {
          throw new PlaceLost();
        }
      }
      return pass(bytes, signal);
    },
    waitedMs,
    leave: () => leaveAll(places),
  });
  return {
    pass,
    tryEnter(copy) {
      const places: Place[] = [];
      for (const gate of gates) {
        const place = gate.tryEnter(copy);
        if (!place) {
          leaveAll(places);
          return undefined;
        }
        places.push(place);
      }
      return passage(places, 0);
    },
    async enter(copy) {
      const since = performance.now();
      const places: Place[] = [];
      try {
        for (const gate of gates) {
          places.push(await gate.enter(copy));
        }
      } catch (error) {
        leaveAll(places);
        throw error;
      }
      return passage(places, performance.now() - since);
    },
  };
}

function leaveAll(places: readonly Place[]): void {
  for (const place of places) {
    place.leave();
  }
}
