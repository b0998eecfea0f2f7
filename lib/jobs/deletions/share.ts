import { DELETION_FLOOR } from "../../schemas/deletion-words.ts";

/**
 * How many tags of a target may go without a person's word.
 * @param known tags that the rule has brought there
 * @param percent the rule's share
 */
export function mayGo(known: number, percent: number): number {
  return Math.max(DELETION_FLOOR, Math.floor((known * percent) / 100));
}
