import { bootstrap } from "./bootstrap.mjs";

const HELP = `npm start: the console, a worker and a database of their own, until Ctrl-C.

  HOST, PORT        where the console listens      127.0.0.1, 3000 or the next free port
  LOCKSTEP_DATA     data folder                    .data
  DATABASE_URL      an external Postgres           (embedded, in the data folder)
  SECRET_KEY        32 bytes, hex or base64        (generated, secret.key in the data folder)
  ROOT_PASSWORD     creates root without the set-up link; ROOT_USERNAME names it
  EGRESS_ALLOW      private networks that registries may live in, as CIDRs

README.md lists all settings.`;

if (process.argv.includes("--help")) {
  console.log(HELP);
  process.exit(0);
}
await bootstrap(import.meta.url);
const { runStart } = await import("./start/run.ts");
process.exit(await runStart());
