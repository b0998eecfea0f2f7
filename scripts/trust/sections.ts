import { ENGINE } from "./engine/cases.ts";
import { EVENTS } from "./events/cases.ts";
import { FAULTS } from "./faults/cases.ts";
import { LEAKS } from "./leaks/cases.ts";
import { PROTOCOL_CASES } from "./protocol/cases.ts";
import { QUEUE } from "./queue/cases.ts";
import { SSRF } from "./ssrf/cases.ts";
import type { TrustCase } from "./trust-case.ts";

export const SECTIONS: Readonly<Record<string, readonly TrustCase[]>> = {
  queue: QUEUE,
  engine: ENGINE,
  events: EVENTS,
  faults: FAULTS,
  leaks: LEAKS,
  ssrf: SSRF,
  protocol: PROTOCOL_CASES,
};
