import { join } from "node:path";
import type { Client } from "pg";
import { ROOT } from "../../root.ts";
import { type Child, superviseChild } from "../../stack/child.ts";
import type { Scene } from "./scene.ts";

/** A worker with nothing else to do: what runs in the seed is nobody's, and is not to be taken over. */
export async function idleWorker(client: Client, { stack }: Scene): Promise<Child> {
  await client.query(
    "update tasks set status = 'stopped', ended_at = now() where status in ('pending', 'scanning', 'running')",
  );
  return superviseChild({
    name: "worker",
    args: [join(ROOT, "lib/jobs/worker.ts")],
    env: stack.env,
    onLine: () => undefined,
  });
}
