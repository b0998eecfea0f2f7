import { bootstrap } from "./bootstrap.mjs";

const HELP = `npm run worker: one more worker for a console that runs somewhere.

  DATABASE_URL          required: the console's Postgres (session pooling or none)
  SECRET_KEY            required, or SECRET_KEY_FILE: the console's secret key
  WORKER_CONCURRENCY    jobs at a time                 8
  EGRESS_ALLOW          private networks that registries may live in, as CIDRs

Ctrl-C hands back what it is at; another worker goes on with it.`;

if (process.argv.includes("--help")) {
  console.log(HELP);
  process.exit(0);
}
const missing = [
  ...(process.env.DATABASE_URL ? [] : ["DATABASE_URL"]),
  ...(process.env.SECRET_KEY || process.env.SECRET_KEY_FILE ? [] : ["SECRET_KEY (or SECRET_KEY_FILE)"]),
];
if (missing.length > 0) {
  console.error(
    `A worker needs ${missing.join(" and ")}, the same as the console's. See: npm run worker -- --help`,
  );
  process.exit(2);
}
await bootstrap(import.meta.url);
const { runWorker } = await import("./worker/run.ts");
process.exit(await runWorker());
