import { PlaceLost } from "../sync/throttle.ts";
import { isRetryable } from "./failure.ts";
import { JobAborted, type RunningJob } from "./job.ts";

/** Of a job. */
export type Attempt = Pick<RunningJob, "signal" | "lastAttempt">;

/** Whether anybody will go on with an upload that an error broke off. */
export function isWanted(error: unknown, { signal, lastAttempt = false }: Partial<Attempt>): boolean {
  if (signal?.aborted) {
    return !(signal.reason instanceof JobAborted && signal.reason.reason === "stopped");
  }
  return error instanceof PlaceLost || (isRetryable(error) && !lastAttempt);
}
