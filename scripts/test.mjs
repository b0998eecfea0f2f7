import { bootstrap } from "./bootstrap.mjs";

const HELP = `npm test: everything. npm test -- PART …: only these parts:

  types lint law unused lock    what needs no test of its own; each counts as one test
  unit                          Node only
  integration                   Postgres (embedded, or TEST_DATABASE_URL), docker-registry, skopeo, oras
  e2e                           the console in Chromium

The last line is: N passed, N failed, N skipped.`;

if (process.argv.includes("--help")) {
  console.log(HELP);
  process.exit(0);
}
await bootstrap(import.meta.url);
const { PARTS, runTests } = await import("./test/run.ts");
const chosen = process.argv.slice(2);
const unknown = chosen.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(", ")}. Parts: ${PARTS.join(" ")}`);
  process.exit(2);
}
process.exit(await runTests(chosen));
