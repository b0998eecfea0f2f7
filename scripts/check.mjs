import { bootstrap } from "./bootstrap.mjs";

if (process.argv.includes("--help")) {
  console.log(
    "npm run check: lint, types, import law, unused code, lock file and unit tests; under a minute.",
  );
  process.exit(0);
}
await bootstrap(import.meta.url);
const { runCheck } = await import("./check/run.ts");
process.exit(await runCheck());
