import "./environment.ts";
import { LEAKS } from "./leaks/cases.ts";
import { trustSuite } from "./section-suite.ts";

trustSuite("leaks", LEAKS);
