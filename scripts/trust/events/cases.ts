import type { TrustCase } from "../trust-case.ts";
import { g1 } from "./g1-forged.ts";
import { g2 } from "./g2-replay.ts";
import { g3 } from "./g3-flood.ts";
import { g4 } from "./g4-lost.ts";
import { g5 } from "./g5-echoes.ts";
import { g6 } from "./g6-latency.ts";
import { g7 } from "./g7-notices.ts";

export const EVENTS: readonly TrustCase[] = [g1, g2, g3, g4, g5, g6, g7];
