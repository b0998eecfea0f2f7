import { EVENTS } from "./events/cases.ts";
import { trustSuite } from "./section-suite.ts";

trustSuite("events", EVENTS);
