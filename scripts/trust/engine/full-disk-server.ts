// Runs in a mount namespace of its own, where the folder of argv[3] is a small disk: a Postgres whose tables lie there. Its log and its
// own files lie in argv[2], on a disk with room. Says the URL of its database, then obeys: `fill`, `free`; ends with its standard input.
import { chownSync, closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { serverAccount } from "../../../lib/db/embedded/account.ts";
import { removeEmbeddedPostgres, startEmbeddedPostgres } from "../../../lib/db/embedded.ts";

const [, , dataDir = "", smallDisk = ""] = process.argv;
const tables = join(smallDisk, "tables");
const ballast = join(smallDisk, "ballast");

mkdirSync(tables, { mode: 0o700 });
const account = serverAccount();
if (account) {
  chownSync(tables, account.uid, account.gid);
}
const postgres = await startEmbeddedPostgres({
  dataDir,
  settings: { fsync: "off", full_page_writes: "off" },
});
const admin = new Client({ connectionString: postgres.adminUrl });
await admin.connect();
await admin.query(`create tablespace small location '${tables}'`);
await admin.query("alter database lockstep set tablespace small");
await admin.end();
console.log(postgres.url);

for await (const order of createInterface({ input: process.stdin })) {
  if (order === "fill") {
    fill();
  } else {
    rmSync(ballast, { force: true });
  }
  console.log(order);
}
await removeEmbeddedPostgres(dataDir);

/** Until not one block is left. */
function fill(): void {
  const file = openSync(ballast, "w");
  for (const bytes of [1024 * 1024, 4096]) {
    try {
      for (;;) {
        writeSync(file, Buffer.alloc(bytes));
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") {
        throw error;
      }
    }
  }
  closeSync(file);
}
