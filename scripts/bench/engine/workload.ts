import { apps, few, tags } from "./content.ts";
import { fillLargeSource, fillSource, type Source } from "./source.ts";

/** What is copied from where to where, and by whom it was done fastest before. */
export interface Workload {
  readonly id: "W1" | "W2" | "W3" | "W3 5 GiB" | "W4" | "W4 again" | "W5" | "W5 again";
  readonly title: string;
  readonly content: keyof typeof CONTENT;
  /** Into an empty target, or into one that has everything. */
  readonly phase: "full" | "again";
  /** One way, ms; 0: both ends are on this machine. */
  readonly oneWayMs: number;
  /** The fastest peer that was measured, and how much longer skopeo took beside it. */
  readonly best: { readonly tool: string; readonly skopeoTimes: number };
  /** Tools that start a process a tag, where thousands of starts would be all that is measured. */
  readonly without?: readonly string[];
  /** Once, by ourselves: nothing is compared. */
  readonly alone?: boolean;
  readonly goals: Goals;
}

/** At most; ratios are ours ÷ the best peer. */
export interface Goals {
  readonly ratio?: number;
  /** Blobs are read at the source once and no more. */
  readonly readOnce?: boolean;
  readonly targetRequests?: number;
  /** A request a tag and side, and the lists. */
  readonly requestATag?: boolean;
  readonly peakMib?: number;
}

const GIB = 1024 ** 3;
export const FAR_ONE_WAY_MS = 50;

/** What fills a source. */
export const CONTENT = {
  apps: (seed: number): Promise<Source> => fillSource(apps(seed)),
  large: (): Promise<Source> => fillLargeSource(2 * GIB),
  larger: (): Promise<Source> => fillLargeSource(5 * GIB),
  tags: (seed: number): Promise<Source> => fillSource(tags(seed)),
  few: (seed: number): Promise<Source> => fillSource(few(seed)),
};

const near = { phase: "full", oneWayMs: 0 } as const;

export const WORKLOADS: readonly Workload[] = [
  {
    ...near,
    id: "W1",
    title: "40 repositories × 5 tags that share layers",
    content: "apps",
    best: { tool: "regsync", skopeoTimes: 1.48 },
    goals: { ratio: 0.5, readOnce: true, targetRequests: 2_000 },
  },
  {
    ...near,
    id: "W2",
    title: "the same again, nothing to do",
    content: "apps",
    phase: "again",
    best: { tool: "regsync", skopeoTimes: 12.2 },
    goals: { ratio: 1.1, requestATag: true },
  },
  {
    ...near,
    id: "W3",
    title: "one layer of 2 GiB",
    content: "large",
    best: { tool: "oras", skopeoTimes: 523 / 390 },
    goals: { ratio: 1.1, peakMib: 160, readOnce: true },
  },
  {
    ...near,
    id: "W3 5 GiB",
    title: "one layer of 5 GiB",
    content: "larger",
    best: { tool: "oras", skopeoTimes: 523 / 390 },
    alone: true,
    goals: { peakMib: 160, readOnce: true },
  },
  {
    ...near,
    id: "W4",
    title: "3,000 tags on 300 small manifests",
    content: "tags",
    best: { tool: "crane", skopeoTimes: 6.14 },
    without: ["oras"],
    goals: { ratio: 0.6 },
  },
  {
    ...near,
    id: "W4 again",
    title: "3,000 tags on 300 small manifests, nothing to do",
    content: "tags",
    phase: "again",
    best: { tool: "crane", skopeoTimes: 6.49 },
    without: ["oras"],
    goals: { ratio: 0.8 },
  },
  {
    id: "W5",
    title: "both registries 100 ms away, 3 repositories, 15 tags",
    content: "few",
    phase: "full",
    oneWayMs: FAR_ONE_WAY_MS,
    best: { tool: "crane", skopeoTimes: 5.8 },
    goals: { ratio: 0.4, readOnce: true },
  },
  {
    id: "W5 again",
    title: "both registries 100 ms away, nothing to do",
    content: "few",
    phase: "again",
    oneWayMs: FAR_ONE_WAY_MS,
    best: { tool: "regsync", skopeoTimes: 20.9 },
    goals: { ratio: 0.4 },
  },
];
