const NAME_WIDTH = 8;

/** A line of one of several processes, with its name before it. */
export function printLine(source: string, line: string): void {
  console.log(`${source.padEnd(NAME_WIDTH)}| ${line}`);
}

/** An error of the person at the keyboard is a sentence, one of ours is a stack trace. */
export function printError(error: unknown): void {
  const expected = error instanceof Error && ["StartError", "ConfigError"].includes(error.name);
  console.error(expected ? error.message : error);
}
