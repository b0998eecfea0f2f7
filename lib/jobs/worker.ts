import { constants, getPriority, setPriority } from "node:os";
import { setFlagsFromString } from "node:v8";
import { boundYoungGeneration } from "../sync/young-generation.ts";

/**
 * A worker process: `node lib/jobs/worker.ts`, configured by its environment alone (README.md, "Configuration").
 *
 * Its memory is bounded before anything else is loaded. On a machine with much memory V8 lets the young generation grow to
 * 128 MiB while it reads the modules, and keeps that: 300 to 400 MiB in all for a process that moves bytes and needs
 * little heap. While it reads them it grows nothing and compiles little; from then on both would cost a third of the processor's
 * time of a task, so the young generation may grow a little, and code is compiled as ever. It streams 5 GiB with 150 MiB
 * (stream.integration.test.ts).
 *
 * Where console and worker share a machine the console goes first: people and registries wait for its answers, nobody for
 * a copy's millisecond. With the processor idle it costs nothing. It is so much below whoever started it.
 */
setPriority(
  Math.min(constants.priority.PRIORITY_LOW, getPriority() + constants.priority.PRIORITY_BELOW_NORMAL),
);
setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString("--optimize-for-size");
await import("./worker-main.ts");
setFlagsFromString("--no-optimize-for-size");
setFlagsFromString("--semi-space-growth-factor=2");
boundYoungGeneration();
