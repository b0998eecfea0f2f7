import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { meets, type Trust } from "../trust-case.ts";
import { makeOurs, openFolder } from "./own-postgres.ts";

const SERVER = fileURLToPath(new URL("full-disk-server.ts", import.meta.url));
const SIZE = "96m";

/** A Postgres whose tables lie on a disk of 96 MiB. */
export interface SmallDisk {
  readonly url: string;
  /** Leaves no room. */
  fill(): Promise<void>;
  free(): Promise<void>;
}

/** Starts it; DATABASE_URL of this process names its database from now on. Needs the right to mount: root, or user namespaces. */
export async function smallDisk(trust: Trust): Promise<SmallDisk> {
  const folder = openFolder("lockstep-trust-full-");
  trust.cleanup(() => rmSync(folder, { recursive: true, force: true }));
  const [data, disk] = [join(folder, "data"), join(folder, "disk")];
  mkdirSync(disk, { mode: 0o755 });
  const script = 'mount -t tmpfs -o size="$1",mode=755 tmpfs "$2" && exec "$3" "$4" "$5" "$2"';
  const child = spawn(
    "unshare",
    [
      ...(process.getuid?.() === 0 ? ["-m"] : ["-rm"]),
      ...["sh", "-c", script, "sh", SIZE, disk, process.execPath, SERVER, data],
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const said = async () => String((await lines.next()).value ?? "");
  trust.cleanup(async () => {
    child.stdin.end();
    if (child.exitCode === null) {
      await once(child, "exit");
    }
  });
  const url = await said();
  meets(url.startsWith("postgres://"), "no Postgres on a small disk: unshare -m and mount are needed");
  await makeOurs(trust, url);
  const obey = async (order: "fill" | "free") => {
    child.stdin.write(`${order}\n`);
    const answer = await said();
    meets(answer === order, `the small disk answered ${answer}`);
  };
  return { url, fill: () => obey("fill"), free: () => obey("free") };
}
