import type { ActionFailure } from "@/lib/schemas/action-state.ts";
import { isUnsaved } from "../kit/leaving.ts";

/** A refusal of our own API: what lib/errors says, with the request id of the log. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: ActionFailure["code"];
  readonly reason: string;
  readonly values: Record<string, string | number>;
  readonly requestId: string | null;

  constructor(status: number, body: Partial<Omit<ApiError, "status" | "name">>) {
    super(`${status} ${body.code ?? "UNKNOWN"} ${body.reason ?? ""}`.trim());
    this.status = status;
    this.code = body.code ?? "UNKNOWN";
    this.reason = body.reason ?? "unknown";
    this.values = body.values ?? {};
    this.requestId = body.requestId ?? null;
  }
}

/** A page that waits longer shows old rows as if they were fresh. */
const TIMEOUT_MS = 15_000;

/**
 * Reads one of our own routes. An ended session leads to the sign-in page and back, unless something is unsaved: then the page stays
 * and says so (shell/system-notice.tsx).
 */
export async function fetchJson<Body>(path: string, signal?: AbortSignal): Promise<Body> {
  const inTime = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(path, {
    signal: signal ? AbortSignal.any([signal, inTime]) : inTime,
    headers: { accept: "application/json" },
  });
  if (response.ok) {
    return (await response.json()) as Body;
  }
  const body = (await response.json().catch(() => ({}))) as Partial<ApiError>;
  if (response.status === 401 && !isUnsaved()) {
    const here = `${window.location.pathname}${window.location.search}`;
    window.location.assign(`/login?next=${encodeURIComponent(here)}`);
    // This page is over: nothing of it fails any more.
    return new Promise(() => {});
  }
  throw new ApiError(response.status, body);
}
