import { OURS } from "./contestant.ts";
import type { Row } from "./outcome.ts";

/** The tools of one workload as a table of Markdown, the fastest first. */
export function table(rows: readonly Row[]): string[] {
  return [
    "| tool | s | ours ÷ it | CPU s | peak MiB | MB read at the source | requests source/target |",
    "|---|---|---|---|---|---|---|",
    ...rows.map(({ tool, seconds, ratio, sample }) => {
      const name = tool === OURS ? `**${tool}**` : tool;
      const rest = sample
        ? [
            sample.cpuSeconds.toFixed(1),
            (sample.peakBytes / 1024 ** 2).toFixed(0),
            (sample.bytesRead / 1e6).toFixed(0),
            `${sample.sourceRequests}/${sample.targetRequests}`,
          ]
        : ["–", "–", "–", "–"];
      return `| ${[name, seconds.toFixed(2), ratio.toFixed(2), ...rest].join(" | ")} |`;
    }),
  ];
}
