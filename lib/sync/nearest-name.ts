/** What an expression says literally, digits alike: `v\d+\.1-(alpine|slim)` → `v0.1-alpineslim`. */
function literalPart(expression: string): string {
  const parts = /\\d|\[[^\]]*\]|\\[a-zA-Z]|\\(.)|\{[\d,]*\}|\(\?[a-zA-Z]*:?|[.^$*+?()|]/g;
  return expression.replace(parts, (part, literal: string | undefined) =>
    part === "\\d" || /^\[.*\d/.test(part) ? "0" : (literal ?? ""),
  );
}

function pairs(text: string): Map<string, number> {
  const found = new Map<string, number>();
  const padded = ` ${text.toLowerCase().replace(/\d+/g, "0")} `;
  for (let index = 0; index < padded.length - 1; index += 1) {
    const pair = padded.slice(index, index + 2);
    found.set(pair, (found.get(pair) ?? 0) + 1);
  }
  return found;
}

/** Sørensen–Dice over pairs of letters, 0 to 1. */
function likeness(one: Map<string, number>, other: Map<string, number>): number {
  let shared = 0;
  let size = 0;
  for (const [pair, count] of one) {
    shared += Math.min(count, other.get(pair) ?? 0);
    size += count;
  }
  for (const count of other.values()) {
    size += count;
  }
  return size === 0 ? 0 : (2 * shared) / size;
}

/** Below this, a name has nothing to do with the expression, and naming it would mislead. */
const LEAST_LIKENESS = 0.3;

/** A name, and how much it is like what was looked for, from 0 to 1. */
export interface Likeness {
  name: string;
  likeness: number;
}

/** The one of many names that is most like what an expression says literally: for a hint, when it matched none of them. */
export class NearestName {
  readonly #wanted: Map<string, number>;
  #best: Likeness | undefined;

  constructor(expression: string) {
    this.#wanted = pairs(literalPart(expression));
  }

  offer(name: string): void {
    this.offerLikeness({ name, likeness: likeness(this.#wanted, pairs(name)) });
  }

  /** A name that was compared elsewhere. */
  offerLikeness(found: Likeness): void {
    if (found.likeness >= LEAST_LIKENESS && found.likeness > (this.#best?.likeness ?? 0)) {
      this.#best = found;
    }
  }

  get best(): Likeness | undefined {
    return this.#best;
  }
}

/** Names beyond this are not compared: it is a hint. */
const MOST_COMPARED = 5_000;

export function nearestOf(names: readonly string[], expression: string): Likeness | undefined {
  const nearest = new NearestName(expression);
  for (const name of names.slice(-MOST_COMPARED)) {
    nearest.offer(name);
  }
  return nearest.best;
}
