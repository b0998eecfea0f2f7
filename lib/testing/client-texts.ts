import { dirname, join } from "node:path";
import { type Source, textUses } from "./source-scan.ts";

/** Files by their paths. */
export type Sources = ReadonlyMap<string, Source>;

/** The product's files that a file imports, at once or lazily; types are nothing at run time. */
function importsOf({ path, text }: Source, sources: Sources): string[] {
  const specifiers = text.matchAll(
    /^(?:import|export)(?! type)[^;]*?\bfrom "([^"]+)"|\bimport\(\s*"([^"]+)"/gm,
  );
  return [...specifiers]
    .map(([, one, lazy]) => one ?? lazy ?? "")
    .map((name) => (name.startsWith("@/") ? name.slice(2) : join(dirname(path), name)))
    .filter((name) => sources.has(name));
}

/** A file is read once, however many pages lead to it. */
const facts = new WeakMap<Source, { texts: string[]; imports: string[] }>();

function factsOf(source: Source, sources: Sources): { texts: string[]; imports: string[] } {
  let found = facts.get(source);
  if (!found) {
    found = { texts: textUses(source).flatMap(({ keys }) => keys), imports: importsOf(source, sources) };
    facts.set(source, found);
  }
  return found;
}

const starts = ({ text }: Source, directive: string): boolean =>
  text.trimStart().startsWith(`"${directive}"`);

/**
 * Keys of the texts that client components use at or below a file, `*` for a part that is known when it runs. Everything
 * imported by a client component runs in the browser; a server action stays on the server.
 */
export function clientTexts(entry: string, sources: Sources): Set<string> {
  const keys = new Set<string>();
  const seen = new Set<string>();
  const visit = (path: string, inBrowser: boolean): void => {
    const source = sources.get(path);
    const mark = `${path} ${inBrowser}`;
    if (!source || seen.has(mark) || starts(source, "use server")) {
      return;
    }
    seen.add(mark);
    const client = inBrowser || starts(source, "use client");
    const { texts, imports } = factsOf(source, sources);
    for (const key of client ? texts : []) {
      keys.add(key);
    }
    for (const imported of imports) {
      visit(imported, client);
    }
  };
  visit(entry, false);
  return keys;
}
