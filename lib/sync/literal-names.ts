/** Names worth asking for one by one; beyond that a list is cheaper. */
const MAX_NAMES = 50;

/**
 * The names an expression means when it is nothing but names, `app` or `team/web|team/api`: then the registry need not
 * list its repositories, which some cannot and others do slowly (P6). An unescaped dot matches anything: no name.
 * @returns null for every other expression
 */
export function literalNames(expression: string): string[] | null {
  const names = expression.split("|");
  if (names.length > MAX_NAMES || !names.every((name) => /^(?:[a-z0-9_/-]|\\\.)+$/.test(name))) {
    return null;
  }
  return [...new Set(names.map((name) => name.replaceAll("\\.", ".")))];
}
