import { bootstrap } from "./bootstrap.mjs";

const HELP = `npm run budgets: every budget of the console with its figure and limit; exits 1 where one is missed. Minutes.

  -- --only js          one part, or several with commas: js, axe, lighthouse, vitals, actions, newcomer
  -- --write            puts the figures of a whole run into README.md

reports/budgets.json holds every single figure. It needs chromium and builds the console if needed.`;

if (process.argv.includes("--help")) {
  console.log(HELP);
  process.exit(0);
}
await bootstrap(import.meta.url);
const { runBudgets } = await import("./budgets/run.ts");
process.exit(await runBudgets(process.argv.slice(2)));
