import type { TrustCase } from "../trust-case.ts";
import { b1 } from "./b1-crashes.ts";
import { b2 } from "./b2-takeover.ts";
import { b3 } from "./b3-zombies.ts";
import { b4 } from "./b4-resent.ts";
import { b5 } from "./b5-triggers.ts";
import { b6 } from "./b6-stops.ts";
import { b7 } from "./b7-graph.ts";
import { b8 } from "./b8-pullable.ts";
import { b9 } from "./b9-reaper.ts";
import { b10 } from "./b10-bounds.ts";

export const QUEUE: readonly TrustCase[] = [b1, b2, b3, b4, b5, b6, b7, b8, b9, b10];
