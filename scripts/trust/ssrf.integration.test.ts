import "./environment.ts";
import { trustSuite } from "./section-suite.ts";
import { SSRF } from "./ssrf/cases.ts";

trustSuite("ssrf", SSRF);
