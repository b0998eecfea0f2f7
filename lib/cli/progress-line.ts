import { formatBytes, formatSpeed } from "../format/bytes.ts";
import type { Report } from "./report.ts";

const REDRAW_MS = 100;
/** Erases the line and goes back to its beginning. */
const CLEAR = "\r\u001b[2K";

export interface ProgressLine {
  /** Prints a line of its own above the progress. */
  print(line: string): void;
  stop(): void;
}

/** Redraws one line while the run goes on. Where the stream is no terminal, only prints. */
export function progressLine(report: Report, stream: NodeJS.WriteStream): ProgressLine {
  if (!stream.isTTY) {
    return { print: (line) => void stream.write(`${line}\n`), stop: () => {} };
  }
  const draw = (): void => {
    const text = describe(report);
    stream.write(`${CLEAR}${text.slice(0, Math.max(20, stream.columns - 1))}`);
  };
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  return {
    print: (line) => void stream.write(`${CLEAR}${line}\n`),
    stop: () => {
      clearInterval(timer);
      stream.write(CLEAR);
    },
  };
}

function describe({ planned, copied, upToDate, skipped, failed, bytes, ...report }: Report): string {
  const seconds = Math.max(0.1, (performance.now() - report.startedMs) / 1000);
  const done = copied + upToDate + skipped + failed;
  return [
    `${done}/${planned} tags`,
    `${report.repositories.size} repositories`,
    `${formatBytes(bytes.copied)} sent`,
    ...(bytes.mounted > 0 ? [`${formatBytes(bytes.mounted)} mounted`] : []),
    formatSpeed(bytes.copied / seconds),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(" · ");
}
