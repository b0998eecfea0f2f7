import { serveFarAway } from "./far-server.ts";

/** `slow-link-process.ts <port> <one way, ms>`: tells its parent the port that it listens on, and ends with it (slow-link.ts). */
const [targetPort, oneWayMs] = process.argv.slice(2).map(Number);
process.once("disconnect", () => process.exit());
process.send?.(await serveFarAway(targetPort ?? 0, oneWayMs ?? 0));
