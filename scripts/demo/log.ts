import { appendFileSync, writeFileSync } from "node:fs";

const TAIL_LINES = 40;

/** What the processes of the demo print goes into a file: the screen is for the person. */
export interface DemoLog {
  readonly path: string;
  write(source: string, line: string): void;
  /** Shows the last lines when something went wrong. */
  printTail(): void;
}

export function openLog(path: string): DemoLog {
  const tail: string[] = [];
  writeFileSync(path, "");
  return {
    path,
    write: (source, line) => {
      const whole = `${new Date().toISOString()} ${source.padEnd(10)} ${line}`;
      try {
        appendFileSync(path, `${whole}\n`);
      } catch {
        // A full disk or a deleted folder must not keep the demo from stopping in order; the tail still has the line.
      }
      tail.push(whole);
      tail.splice(0, tail.length - TAIL_LINES);
    },
    printTail: () => {
      if (tail.length > 0) {
        console.error(`\nlast lines of ${path}:\n${tail.join("\n")}\n`);
      }
    },
  };
}
