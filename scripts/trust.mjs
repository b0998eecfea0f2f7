import { bootstrap } from "./bootstrap.mjs";

const HELP = `npm run trust -- SECTION: what the product must survive, measured at full size on real servers and killed processes. Minutes.

  queue                one of these sections: crashed workers, lost leases, stops, triggers at once
  engine               databases that vanish, processes that freeze, clocks that differ
  events               forged, repeated, lost and too many events
  faults               every fault that a registry can throw while tags are copied from it or to it
  leaks                ways to have credentials sent where they do not belong
  ssrf                 ways to have the server dial where it must not
  protocol             each trap of the registry protocol, with the tests that hold it; they are run

  --only B1,B2         some cases
  --seed 7             the same choices as another run; without it a new seed, which is printed
  --small              the size that npm test runs

A dated table is written to reports/trust-SECTION.md. The last line is N/N; below that the exit code is 1.`;

if (process.argv.includes("--help")) {
  console.log(HELP);
  process.exit(0);
}
await bootstrap(import.meta.url);
const { runTrust } = await import("./trust/run.ts");
process.exit(await runTrust(process.argv.slice(2)));
