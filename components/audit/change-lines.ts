/** One line of a change: what went, what came, or how many entries of a list stayed. */
export type ChangeLine = { kind: "removed" | "added"; text: string } | { kind: "kept"; count: number };

/** What a value is called: words of the reader for the few that have them, else as it was stored. */
export interface ValueWords {
  yes: string;
  no: string;
  /** `set`: a secret that nobody is shown. */
  set: string;
  /** A word of the product, such as the name of a grant. */
  word: (stored: string) => string | null;
}

/**
 * The lines of one changed field. Of lists only the entries that came or went are told, so that a rule with twelve targets
 * shows the one that was added.
 */
export function changeLines(before: unknown, after: unknown, words: ValueWords): ChangeLine[] {
  const was = entriesOf(before, words);
  const is = entriesOf(after, words);
  const kept = was.filter((entry) => is.includes(entry)).length;
  const lines: ChangeLine[] = [
    ...was.filter((entry) => !is.includes(entry)).map((text) => ({ kind: "removed" as const, text })),
    ...is.filter((entry) => !was.includes(entry)).map((text) => ({ kind: "added" as const, text })),
  ];
  if (lines.length === 0 && is.length > 0) {
    // Set anew, and nobody is shown to what.
    return [{ kind: "added", text: is.join(", ") }];
  }
  return kept > 0 ? [...lines, { kind: "kept", count: kept }] : lines;
}

function entriesOf(value: unknown, words: ValueWords): string[] {
  if (value === null || value === undefined || value === "") {
    return [];
  }
  if (Array.isArray(value)) {
    return value.flatMap((entry) => entriesOf(entry, words));
  }
  return [textOf(value, words)];
}

function textOf(value: unknown, words: ValueWords): string {
  if (typeof value === "boolean") {
    return value ? words.yes : words.no;
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .filter(([, part]) => part !== null && part !== "")
      .map(([name, part]) => `${name}: ${textOf(part, words)}`)
      .join(", ");
  }
  if (value === "set") {
    return words.set;
  }
  const text = String(value);
  // Grants are stored as `operate + receive`.
  const parts = text.split(" + ").map((part) => words.word(part));
  return parts.every((part) => part !== null) ? parts.join(" + ") : text;
}
