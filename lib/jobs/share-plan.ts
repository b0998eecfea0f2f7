import type { LimitsAt } from "../schemas/limits.ts";
import type { Holders, RateShare, Share } from "../schemas/shares.ts";

/** What this worker could do with at one instance. */
export interface Demand {
  /** Copies under way. */
  copies: number;
  /** Copies that wait for a place. */
  waiting: number;
  read: RateDemand;
  write: RateDemand;
}

export interface RateDemand {
  /** Bytes a second that went by lately. */
  moved: number;
  /** Somebody waited for a good part of that time. */
  held: boolean;
}

/** What to ask for: a fair share, were everybody else to ask for the same. */
export type Wish = Omit<Share, "until">;

/** Somebody whose demand is far below its fair share may grow by so much until the next time. */
const HEADROOM = 1.25;
const HEADROOM_OF_CAP = 0.02;
/** A worker that cannot ask any more goes on with this part of a fair share, kept free for it: connections stay open. */
const RESERVE = 1 / 16;
/** Where there are fewer places than workers, they go round. */
const ROUND_MS = 10_000;

/**
 * A fair share of the limits by demand: each gets what it can use, and what is left is shared out among those that could
 * use more; what nobody can use is shared out too, or whoever comes to need it would wait for it. What the
 * others hold may leave less: the database decides (shares.ts).
 */
export function wishOf(
  limits: LimitsAt,
  others: Holders,
  me: { id: string; demand: Demand; nowMs: number },
): Wish {
  const { demand, nowMs } = me;
  const wants = demand.copies + demand.waiting;
  const asking = Object.entries(others).filter(([id, share]) => id !== me.id && share.until > nowMs);
  const parties = [
    ...asking.map(([id, share]) => ({ id, share })),
    { id: me.id, share: { wants, ...demand } },
  ].sort((a, b) => (a.id < b.id ? -1 : 1));
  const mine = parties.findIndex(({ id }) => id === me.id);
  const rate = (cap: number | null, of: "read" | "write"): RateShare | null => {
    if (cap === null) {
      return null;
    }
    const wants = parties.map(({ share }) => wantOf(share[of], cap));
    return {
      ...demand[of],
      share: Math.floor(divided(cap, wants)[mine] ?? 0),
      reserve: Math.floor((cap * RESERVE) / parties.length),
    };
  };
  return {
    wants,
    copies: demand.copies,
    places: limits.copies === null ? null : placesOf(limits.copies, { parties, mine, nowMs }),
    read: rate(limits.readBytesPerSecond, "read"),
    write: rate(limits.writeBytesPerSecond, "write"),
  };
}

function wantOf(rate: RateDemand | null, cap: number): number {
  return rate === null || rate.held
    ? Number.POSITIVE_INFINITY
    : rate.moved * HEADROOM + cap * HEADROOM_OF_CAP;
}

/**
 * Max-min fair: nobody gets less so that somebody with more gets more. All of it is given out. Every worker counts alike: weights
 * by copies would change with each copy that ends, and what changes hands lies idle for a moment.
 */
function divided(cap: number, wants: readonly number[]): number[] {
  const given = wants.map(() => 0);
  let open = wants.map((want, index) => ({ want, index }));
  let left = cap;
  for (;;) {
    const fair = left / open.length;
    const content = open.filter(({ want }) => want <= fair);
    for (const { index, want } of content) {
      given[index] = want;
      left -= want;
    }
    open = open.filter(({ want }) => want > fair);
    if (open.length === 0) {
      return given.map((amount) => amount + left / wants.length);
    }
    if (content.length === 0) {
      for (const { index } of open) {
        given[index] = fair;
      }
      return given;
    }
  }
}

/** Whole places: one by one to whoever has the fewest and wants more, beginning with another worker every round. */
function placesOf(
  cap: number,
  { parties, mine, nowMs }: { parties: readonly { share: { wants: number } }[]; mine: number; nowMs: number },
): number {
  const first = Math.floor(nowMs / ROUND_MS) % parties.length;
  const order = parties.map((_, index) => (first + index) % parties.length);
  const given = parties.map(() => 0);
  let left = cap;
  for (const mayExceed of [false, true]) {
    let gave = true;
    while (left > 0 && gave) {
      gave = false;
      for (const index of order) {
        const wants = parties[index]?.share.wants ?? 0;
        if (left > 0 && (mayExceed || (given[index] ?? 0) < wants)) {
          given[index] = (given[index] ?? 0) + 1;
          left -= 1;
          gave = true;
        }
      }
    }
  }
  return given[mine] ?? 0;
}
