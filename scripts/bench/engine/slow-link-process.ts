import { constants, getPriority, setPriority } from "node:os";
import { serveFarAway } from "./far-server.ts";

/** `slow-link-process.ts <port> <one way, ms>`: tells its parent the port that it listens on, and ends with it (slow-link.ts). */
try {
  // A way does not wait for a processor: it goes ahead of the ends that it is between, where that is allowed.
  setPriority(
    Math.max(constants.priority.PRIORITY_HIGHEST, getPriority() + constants.priority.PRIORITY_HIGH),
  );
} catch {
  // It is one among others then.
}
const [targetPort, oneWayMs] = process.argv.slice(2).map(Number);
process.once("disconnect", () => process.exit());
process.send?.(await serveFarAway(targetPort ?? 0, oneWayMs ?? 0));
