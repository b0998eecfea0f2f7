/** The shape of a latency curve: runs of points between gaps, in the coordinates of its box. */
export interface CurveBox {
  width: number;
  height: number;
}

/** Never scaled to less than this: a registry that answers in 3 to 5 ms is calm, not wild. */
const LEAST_TOP_MS = 20;
const HEADROOM = 1.5;

export interface CurveShape {
  line: string;
  area: string;
  /** Points that stand alone between gaps: a line would not show them. */
  dots: { x: number; y: number }[];
  topMs: number;
}

/** @param points milliseconds, oldest first; null is a gap */
export function curveShape(points: readonly (number | null)[], { width, height }: CurveBox): CurveShape {
  const topMs = Math.max(LEAST_TOP_MS, ...points.map((point) => point ?? 0)) * HEADROOM;
  const step = width / Math.max(1, points.length - 1);
  const runs: { x: number; y: number }[][] = [];
  let run: { x: number; y: number }[] = [];
  for (const [index, point] of points.entries()) {
    if (point === null) {
      run = [];
      continue;
    }
    if (run.length === 0) {
      runs.push(run);
    }
    run.push({ x: round(index * step), y: round(height - 1 - (point / topMs) * (height - 2)) });
  }
  const path = (each: { x: number; y: number }[]) => each.map(({ x, y }) => `${x} ${y}`).join("L");
  const lines = runs.filter((each) => each.length > 1);
  return {
    line: lines.map((each) => `M${path(each)}`).join(""),
    area: lines
      .map((each) => `M${path(each)}L${each.at(-1)?.x ?? 0} ${height}L${each[0]?.x ?? 0} ${height}Z`)
      .join(""),
    dots: runs.filter((each) => each.length === 1).flat(),
    topMs,
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

interface LatencyCurveProps extends CurveBox {
  points: readonly (number | null)[];
  className?: string;
}

/** For the eye only: what it says stands beside it in words and figures. */
export function LatencyCurve({ points, width, height, className }: LatencyCurveProps) {
  const { line, area, dots } = curveShape(points, { width, height });
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      preserveAspectRatio="none"
      aria-hidden="true"
      className={className}
    >
      <path d={area} fill="var(--chart-1-area)" />
      <path
        d={line}
        fill="none"
        stroke="var(--chart-1)"
        strokeWidth={1.5}
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
      {dots.map(({ x, y }) => (
        <circle key={x} cx={x} cy={y} r={1.25} fill="var(--chart-1)" />
      ))}
    </svg>
  );
}
