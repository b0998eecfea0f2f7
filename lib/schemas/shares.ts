/**
 * What one worker holds of the limits of an instance, and what it could do with: its entry in `instance_shares.holders`.
 * Bytes are per second; null: not limited when it asked.
 */
export interface Share {
  /** Copies that it has under way or waiting. */
  wants: number;
  /** Of them under way. */
  copies: number;
  /** Copies that it may have under way. */
  places: number | null;
  read: RateShare | null;
  write: RateShare | null;
  /** Until when the share is its own, by the database's clock; ms since 1970. */
  until: number;
}

export interface RateShare {
  /** That it may move. */
  share: number;
  /** That it moved lately. */
  moved: number;
  /** It would move more if it might. */
  held: boolean;
  /** What it may go on with for a while when it can no longer ask. */
  reserve: number;
}

/** By worker id. */
export type Holders = Record<string, Share>;
