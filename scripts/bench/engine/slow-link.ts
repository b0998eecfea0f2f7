import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A way to a server that is far away. */
export interface SlowLink {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  close(): Promise<void>;
}

const PROCESS = fileURLToPath(new URL("./slow-link-process.ts", import.meta.url));

/**
 * Everything arrives `oneWayMs` later than it was sent, in both directions, and the first bytes of a connection one round trip later
 * still, as if it had had to be opened first. A delay and no throttle: bytes that are sent together arrive together. It is a process of
 * its own: what else the bench does delays nothing more, and what passes gives only a small heap to collect.
 */
export async function openSlowLink(targetPort: number, oneWayMs: number): Promise<SlowLink> {
  const child = fork(PROCESS, [String(targetPort), String(oneWayMs)], { execArgv: [] });
  const ended = once(child, "exit");
  const [port] = await Promise.race([
    once(child, "message"),
    ended.then(([code]) => {
      throw new Error(`the slow link ended with ${code} before it was open`);
    }),
  ]);
  return {
    host: `127.0.0.1:${port}`,
    async close() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
