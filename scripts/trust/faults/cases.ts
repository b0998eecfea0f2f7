import type { TrustCase } from "../trust-case.ts";
import { SOURCE_ACCESS } from "./source-access.ts";
import { SOURCE_CONNECTION } from "./source-connection.ts";
import { SOURCE_CONTENT } from "./source-content.ts";
import { SOURCE_GRAPHS } from "./source-graphs.ts";
import { SOURCE_LIMITS } from "./source-limits.ts";
import { SOURCE_MOVES } from "./source-moves.ts";
import { TARGET_MANIFESTS } from "./target-manifests.ts";
import { TARGET_REFUSALS } from "./target-refusals.ts";
import { TARGET_STORM } from "./target-storm.ts";
import { TARGET_UPLOADS } from "./target-uploads.ts";

/** The table: every fault that a registry can throw, at the source (FS) and at the target (FT). */
export const FAULTS: readonly TrustCase[] = [
  ...SOURCE_CONNECTION,
  ...SOURCE_CONTENT,
  ...SOURCE_LIMITS,
  ...SOURCE_ACCESS,
  ...SOURCE_MOVES,
  ...SOURCE_GRAPHS,
  ...TARGET_UPLOADS,
  ...TARGET_MANIFESTS,
  ...TARGET_REFUSALS,
  ...TARGET_STORM,
].toSorted((a, b) => a.id.localeCompare(b.id));
