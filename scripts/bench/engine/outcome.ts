import { type Finding, median } from "../../budgets/budget.ts";
import { BEYOND, OURS } from "./contestant.ts";
import type { Sample } from "./rounds.ts";
import type { Source } from "./source.ts";
import type { Workload } from "./workload.ts";

/** One tool over all rounds; medians. */
export interface Row {
  readonly tool: string;
  readonly seconds: number;
  /** Ours ÷ this tool's, the median of the rounds. */
  readonly ratio: number;
  /** null: it did not run, its time follows from skopeo's. */
  readonly sample: Sample | null;
}

/** What the rounds of a workload say of each tool, the fastest first. */
export function rowsOf(workload: Workload, samples: readonly Sample[]): Row[] {
  const byTool = Map.groupBy(samples, ({ tool }) => tool);
  const ours = byTool.get(OURS) ?? [];
  const rows = [...byTool].map(([tool, members]) => rowOf(tool, members, ours));
  const { tool, skopeoTimes } = workload.best;
  const skopeo = byTool.get("skopeo");
  if (skopeo && !byTool.has(tool)) {
    const derived = skopeo.map((sample) => ({ ...sample, seconds: sample.seconds / skopeoTimes }));
    rows.push({
      ...rowOf(`${tool}, derived (skopeo ÷ ${skopeoTimes.toFixed(2)})`, derived, ours),
      sample: null,
    });
  }
  return rows.sort((one, other) => one.seconds - other.seconds);
}

function rowOf(tool: string, members: readonly Sample[], ours: readonly Sample[]): Row {
  const seconds = median(members.map((sample) => sample.seconds));
  const ratios = members.flatMap((sample) => {
    const own = ours.find(({ round }) => round === sample.round);
    return own ? [own.seconds / sample.seconds] : [];
  });
  const middle = members.find((sample) => sample.seconds === seconds) ?? null;
  return { tool, seconds, ratio: median(ratios), sample: middle };
}

/** The goals of a workload with their figures. */
export function findingsOf(workload: Workload, rows: readonly Row[], source: Source): Finding[] {
  const { goals, id } = workload;
  const own = rows.find(({ tool }) => tool === OURS)?.sample;
  const peers = rows.filter(({ tool }) => tool !== OURS && tool !== BEYOND);
  const [best] = [...peers].sort((one, other) => other.ratio - one.ratio);
  const most = (budget: string, figure: number, limit: number, unit = "", subject = ""): Finding => ({
    budget: `${id} ${budget}`,
    subject,
    figure,
    limit,
    unit,
    bound: "most",
  });
  const findings: Finding[] = [];
  if (best && goals.ratio !== undefined) {
    findings.push(most("ours ÷ the best peer", best.ratio, goals.ratio, "", best.tool));
  }
  if (!own) {
    return findings;
  }
  if (goals.readOnce) {
    findings.push(most("bytes read ÷ unique bytes", own.bytesRead / source.blobBytes, 1.0005));
  }
  if (goals.targetRequests !== undefined) {
    findings.push(most("requests at the target", own.targetRequests, goals.targetRequests));
  }
  if (goals.requestATag) {
    const repositories = new Set(source.tags.map(({ repository }) => repository)).size;
    // Lists: of repositories, of tags, and once whether the registry lists referrers.
    const lists = repositories + 2;
    findings.push(most("requests at the source", own.sourceRequests, source.tags.length + lists));
    findings.push(most("requests at the target", own.targetRequests, source.tags.length + repositories));
  }
  if (goals.peakMib !== undefined) {
    findings.push(most("peak memory", own.peakBytes / 1024 ** 2, goals.peakMib, "MiB"));
  }
  return findings;
}
