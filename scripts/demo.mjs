import { bootstrap } from "./bootstrap.mjs";

const HELP = `npm run demo: three registries with content, the console, a worker and a first sync, until Ctrl-C.

  -- --exit             end after the first sync: 0 only if every transfer succeeded

  HOST, PORT            where the console listens      127.0.0.1, 3000 or the next free port
  LOCKSTEP_DEMO_DATA    data folder of the demo        .demo

The demo has a database and a key of its own, whatever npm start is set to use.`;

if (process.argv.includes("--help")) {
  console.log(HELP);
  process.exit(0);
}
await bootstrap(import.meta.url);
const { runDemo } = await import("./demo/run.ts");
process.exit(await runDemo({ exit: process.argv.includes("--exit") }));
