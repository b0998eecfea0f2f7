import "server-only";
import type { Actor } from "@/lib/auth/actor.ts";
import { authorize } from "@/lib/auth/authorize.ts";
import type { Permission } from "@/lib/auth/permissions.ts";
import { currentRequest } from "@/lib/auth/request.ts";
import type { Subject } from "@/lib/auth/subject.ts";
import { asUnavailable } from "@/lib/data/unavailable.ts";
import { AppError, type AppErrorCode } from "@/lib/errors.ts";
import { log } from "@/lib/log.ts";

const STATUS: Record<AppErrorCode, number> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  INVALID: 400,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
};

const NO_STORE = { "cache-control": "no-store" };

/** A reading route: authorized like a page; rows as JSON, refusals as `{code, reason, values, requestId}`. */
export async function respond<P extends Permission>(
  permission: P,
  subject: Subject,
  read: (actor: Actor<P>) => Promise<unknown>,
): Promise<Response> {
  try {
    return Response.json(await read(await authorize(permission, subject)), { headers: NO_STORE });
  } catch (error) {
    return refuse(error);
  }
}

/** A refusal as JSON; anything else is logged once, under the request id that the answer names. */
export async function refuse(error: unknown): Promise<Response> {
  const { id: requestId } = await currentRequest();
  const refusal = asUnavailable(error) ?? error;
  if (refusal instanceof AppError) {
    const { code, reason, values } = refusal;
    return Response.json({ code, reason, values, requestId }, { status: STATUS[code], headers: NO_STORE });
  }
  log.error({ err: error, requestId }, "a route failed");
  return Response.json(
    { code: "UNKNOWN", reason: "unknown", values: {}, requestId },
    { status: 500, headers: NO_STORE },
  );
}

/** Query parameters as an object; of a repeated one the last counts. */
export function queryOf(request: Request): Record<string, string> {
  return Object.fromEntries(new URL(request.url).searchParams);
}

/** What Next hands a route below `[id]`. */
export interface WithId {
  params: Promise<{ id: string }>;
}
