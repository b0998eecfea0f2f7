import type { TrustCase } from "../trust-case.ts";
import { fe01 } from "./fe01-kill.ts";
import { fe02 } from "./fe02-zombie.ts";
import { fe03 } from "./fe03-drain.ts";
import { fe04 } from "./fe04-crash.ts";
import { fe05 } from "./fe05-half-open.ts";
import { fe06 } from "./fe06-refusing.ts";
import { fe07 } from "./fe07-clocks.ts";
import { fe08 } from "./fe08-schedulers.ts";
import { fe09 } from "./fe09-lost-reply.ts";
import { fe10 } from "./fe10-versions.ts";
import { fe11 } from "./fe11-stream.ts";
import { fe12 } from "./fe12-flapping.ts";

/** Those that need a build of the console come last. */
export const ENGINE: readonly TrustCase[] = [
  fe01,
  fe02,
  fe03,
  fe07,
  fe08,
  fe10,
  fe11,
  fe12,
  fe04,
  fe05,
  fe06,
  fe09,
];
