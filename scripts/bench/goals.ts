import { formatFigure, isMet } from "../budgets/budget.ts";
import type { Section } from "./results.ts";

/** Every goal by the section that measures it, as its figures are called there. A figure that is not here is no goal. */
export const GOALS: Readonly<Record<string, readonly string[]>> = {
  W1: ["W1 ours ÷ the best peer", "W1 bytes read ÷ unique bytes", "W1 requests at the target"],
  W2: ["W2 ours ÷ the best peer", "W2 requests at the source", "W2 requests at the target"],
  W3: ["W3 ours ÷ the best peer", "W3 bytes read ÷ unique bytes", "W3 peak memory"],
  "W3 5 GiB": ["W3 5 GiB bytes read ÷ unique bytes", "W3 5 GiB peak memory"],
  W4: ["W4 ours ÷ the best peer"],
  "W4 again": ["W4 again ours ÷ the best peer"],
  W5: ["W5 ours ÷ the best peer", "W5 bytes read ÷ unique bytes"],
  "W5 again": ["W5 again ours ÷ the best peer"],
  tags: [
    "100,000 tags: peak memory",
    "100,000 tags: planning",
    "100,000 tags: time a tag ÷ that of 1,000 tags",
    "100,000 tags: requests a tag ÷ those of 1,000 tags",
  ],
  queue: ["W1 through console, queue and database ÷ the command"],
  workers: ["two workers, times as fast as one"],
  console: [
    "console: rule list, p95",
    "console: task list, p95",
    "console: task page, p95",
    "console: search, p95",
    "console: a rule is deleted",
    "console: what it leaves is removed",
    "console: rules that an event concerns, p95",
    "console: live streams",
    "console: list shown in the browser",
    "console: task shown in the browser",
    "console: key to result, p95",
    "console: wait for a worker while old tasks are removed, p95",
  ],
};

/** A line a goal, and whether all were measured and met. @param stored what was found last of each section */
export function checkGoals(stored: readonly Pick<Section, "id" | "findings">[]): {
  lines: readonly string[];
  met: boolean;
} {
  const found = new Map(stored.map(({ id, findings }) => [id, findings]));
  const checked = Object.entries(GOALS).flatMap(([section, budgets]) =>
    budgets.map((budget) => {
      const finding = found.get(section)?.find((each) => each.budget === budget);
      if (!finding) {
        const command = `npm run bench -- ${section.split(" ")[0]}`;
        return { met: false, line: `NEVER  ${budget}: was never measured; ${command}` };
      }
      const { limit, unit, bound, subject } = finding;
      const met = isMet(finding);
      const most = `${bound === "most" ? "≤" : "≥"} ${formatFigure({ figure: limit, unit })}`;
      const where = subject ? ` (${subject})` : "";
      return {
        met,
        line: `${met ? "ok    " : "MISSED"} ${budget}: ${formatFigure(finding)} ${most}${where}`,
      };
    }),
  );
  return { lines: checked.map(({ line }) => line), met: checked.every(({ met }) => met) };
}
