import { ENGINE } from "./engine/cases.ts";
import { trustSuite } from "./section-suite.ts";

trustSuite("engine", ENGINE);
