import { QUEUE } from "./queue/cases.ts";
import { trustSuite } from "./section-suite.ts";

trustSuite("queue", QUEUE);
