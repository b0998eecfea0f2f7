import { type InstanceLimits, type LimitsAt, limitsAt } from "../schemas/limits.ts";
import type { Holders, RateShare, Share } from "../schemas/shares.ts";
import { ByteBucket } from "../sync/byte-bucket.ts";
import { PlaceGate } from "../sync/place-gate.ts";
import type { ThrottledEnd } from "../sync/throttle.ts";
import { type Demand, type RateDemand, wishOf } from "./share-plan.ts";
import { LEASE_MS, RESERVE_MS, type ShareAnswer, type ShareRequest } from "./shares.ts";

/** Who has nothing to do for so long gives its share back. */
const LINGER_MS = 3_000;
/** Waiting for a smaller part of the time than this is the jitter of timers. */
const HELD_PART = 0.1;
const OPEN = Number.POSITIVE_INFINITY;

/**
 * One instance as this process copies from and to it: the bounds in the way of the bytes, set to what this process was granted.
 * Without limits they are open, and nobody is asked. What was granted ends by itself: then a reserve is left, then nothing.
 */
export class LimitedEnd implements ThrottledEnd {
  readonly id: string;
  readonly gate: PlaceGate;
  readonly read: ByteBucket;
  readonly write: ByteBucket;
  #limits: InstanceLimits | null = null;
  #holders: Holders = {};
  /** The database's clock against this process's, which only goes forward. */
  #aheadMs = 0;
  #demandMs = Number.NEGATIVE_INFINITY;
  #granted = false;
  #expiry: NodeJS.Timeout | undefined;
  readonly #meters: { read: Meter; write: Meter };

  /** @param onDemand called when a limited end is asked for something */
  constructor(id: string, onDemand: () => void) {
    const demanded = () => {
      if (this.#limits) {
        this.#demandMs = performance.now();
        onDemand();
      }
    };
    this.id = id;
    this.gate = new PlaceGate(demanded);
    this.read = new ByteBucket(demanded);
    this.write = new ByteBucket(demanded);
    this.#meters = { read: new Meter(this.read), write: new Meter(this.write) };
  }

  get limited(): boolean {
    return this.#limits !== null;
  }

  /** Whether it needs a share, or has had need of one a moment ago. */
  get atWork(): boolean {
    const { gate, read, write } = this;
    const needs = gate.active + gate.waiting + read.waiting + write.waiting > 0;
    return this.limited && (needs || performance.now() - this.#demandMs < LINGER_MS);
  }

  /** Whether it has a share, needed or not. */
  get holds(): boolean {
    return this.#granted;
  }

  /** What is set, as just read. @returns whether it is news */
  learn(limits: InstanceLimits | null, nowMs: number): boolean {
    this.#aheadMs = nowMs - performance.now();
    const news = JSON.stringify(limits) !== JSON.stringify(this.#limits);
    this.#limits = limits;
    if (news && limits === null) {
      this.#open();
    } else if (news && !this.#granted) {
      this.#bound(this.#now(), { places: 0, read: 0, write: 0 });
    }
    return news;
  }

  /** What to ask for. Call it once a round: it measures since the last time. */
  request(workerId: string): ShareRequest {
    const limits = this.#now();
    const demand: Demand = {
      copies: this.gate.active,
      waiting: this.gate.waiting,
      read: this.#meters.read.demand(),
      write: this.#meters.write.demand(),
    };
    const nowMs = performance.now() + this.#aheadMs;
    const wish = this.atWork ? wishOf(limits, this.#holders, { id: workerId, demand, nowMs }) : null;
    return { instanceId: this.id, limits, wish };
  }

  /** @param sentMs when it was asked, by this process's clock: the lease counts from then, so it ends here before it does there */
  apply(workerId: string, { wish, limits }: ShareRequest, answer: ShareAnswer, sentMs: number): void {
    this.#holders = answer.holders;
    this.learn(answer.limits, answer.nowMs);
    const mine = answer.holders[workerId];
    if (!this.limited) {
      return;
    }
    if (!wish || !mine) {
      this.#endShare();
      return;
    }
    this.#granted = true;
    this.#bound(limits, {
      // Copies under way may hold more than is due: none begins until so many have ended.
      places: Math.min(mine.places ?? OPEN, wish.places ?? OPEN),
      read: mine.read?.share ?? OPEN,
      write: mine.write?.share ?? OPEN,
    });
    this.#expireAt(sentMs + LEASE_MS, () => this.#fallBack(limits, mine, sentMs));
  }

  close(): void {
    clearTimeout(this.#expiry);
  }

  #now(): LimitsAt {
    return limitsAt(this.#limits ?? NO_LIMITS, performance.now() + this.#aheadMs);
  }

  /** The share has run out: what others may have taken since is not used any more. */
  #fallBack(limits: LimitsAt, { read, write }: Share, sentMs: number): void {
    this.#bound(limits, { places: 0, read: reserveOf(read), write: reserveOf(write) });
    if (limits.copies !== null) {
      this.gate.lose();
    }
    this.#expireAt(sentMs + LEASE_MS + RESERVE_MS, () => this.#endShare());
  }

  #endShare(): void {
    this.#granted = false;
    clearTimeout(this.#expiry);
    this.#bound(this.#now(), { places: 0, read: 0, write: 0 });
  }

  #bound(limits: LimitsAt, to: { places: number; read: number; write: number }): void {
    this.gate.setBound(limits.copies === null ? OPEN : to.places);
    this.read.setRate(limits.readBytesPerSecond === null ? OPEN : to.read);
    this.write.setRate(limits.writeBytesPerSecond === null ? OPEN : to.write);
  }

  #open(): void {
    this.#granted = false;
    this.#holders = {};
    clearTimeout(this.#expiry);
    this.gate.setBound(OPEN);
    this.read.setRate(OPEN);
    this.write.setRate(OPEN);
  }

  #expireAt(atMs: number, expire: () => void): void {
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(expire, Math.max(0, atMs - performance.now()));
  }
}

const NO_LIMITS: InstanceLimits = {
  copies: null,
  readBytesPerSecond: null,
  writeBytesPerSecond: null,
  timeZone: "UTC",
  windows: [],
};

const reserveOf = (rate: RateShare | null): number => rate?.reserve ?? 0;

/** What went through a bucket since it was last asked. */
class Meter {
  readonly #bucket: ByteBucket;
  #sinceMs = performance.now();
  #passed = 0;
  #heldMs = 0;

  constructor(bucket: ByteBucket) {
    this.#bucket = bucket;
  }

  demand(): RateDemand {
    const now = performance.now();
    const { passed, heldMs, waiting } = this.#bucket;
    const spanMs = Math.max(1, now - this.#sinceMs);
    const demand = {
      moved: Math.round(((passed - this.#passed) * 1000) / spanMs),
      held: heldMs - this.#heldMs > HELD_PART * spanMs || (this.#bucket.rate === 0 && waiting > 0),
    };
    this.#sinceMs = now;
    this.#passed = passed;
    this.#heldMs = heldMs;
    return demand;
  }
}
