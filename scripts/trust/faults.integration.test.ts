import { FAULTS } from "./faults/cases.ts";
import { trustSuite } from "./section-suite.ts";

/** What takes seconds waits for `npm run trust -- faults`: budgets that are used up, storms, outages, many refusals. */
const LONG = ["FS04", "FS05", "FS06", "FS10", "FS15", "FS16", "FS19", "FS21", "FS29", "FT01", "FT11", "FT14"];

trustSuite(
  "faults",
  FAULTS.filter(({ id }) => !LONG.includes(id)),
);
