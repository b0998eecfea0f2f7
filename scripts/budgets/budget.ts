/** One promise with its figure. */
export interface Finding {
  readonly budget: string;
  /** What was measured, `/rules zh-CN`; empty where there is only one figure. */
  readonly subject: string;
  readonly figure: number;
  readonly limit: number;
  readonly unit: string;
  /** `most`: the figure may be at most the limit. */
  readonly bound: "most" | "least";
  /** What helps to mend it. */
  readonly detail?: string;
}

export const isMet = ({ figure, limit, bound }: Finding): boolean =>
  bound === "most" ? figure <= limit : figure >= limit;

/** One line a budget: the worst of its figures, and how many there are. */
export interface Summary {
  readonly budget: string;
  readonly worst: Finding;
  readonly count: number;
  readonly missed: readonly Finding[];
}

export function summarize(findings: readonly Finding[]): Summary[] {
  return [...Map.groupBy(findings, ({ budget }) => budget)].map(([budget, members]) => ({
    budget,
    worst: members.reduce((worst, each) => (slack(each) < slack(worst) ? each : worst)),
    count: members.length,
    missed: members.filter((each) => !isMet(each)),
  }));
}

const slack = ({ figure, limit, bound }: Finding) => (bound === "most" ? limit - figure : figure - limit);

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

export function formatFigure({ figure, unit }: Pick<Finding, "figure" | "unit">): string {
  const ratio = unit === "" ? 2 : 1;
  const digits = Number.isInteger(figure) ? 0 : figure < 1 ? 3 : ratio;
  return `${figure.toFixed(digits)}${unit === "" ? "" : ` ${unit}`}`;
}
