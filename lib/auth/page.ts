import "server-only";
import { forbidden, notFound, redirect } from "next/navigation";
import { type Granter, listGranters } from "../db/granters.ts";
import { AppError } from "../errors.ts";
import type { Actor } from "./actor.ts";
import { authorize } from "./authorize.ts";
import { requestedPath } from "./client-address.ts";
import type { Permission } from "./permissions.ts";
import { currentRequest, type MissingGrant } from "./request.ts";
import type { Subject } from "./subject.ts";

/**
 * `authorize` for pages: nobody signed in goes to /login and comes back, what is not there or not visible is a 404, what is
 * visible but not permitted a 403 (app/console-page.tsx answers both). A page calls it once, with the strictest permission it
 * needs; what it needs besides it asks of `authorize`.
 */
export async function authorizePage<P extends Permission>(
  permission: P,
  subject?: Subject,
): Promise<Actor<P>> {
  try {
    return await authorize(permission, subject);
  } catch (error) {
    return refusePage(error);
  }
}

/** Turns a refusal of lib/data, met while a page reads, into the page's answer. */
export async function refusePage(error: unknown): Promise<never> {
  const request = await currentRequest();
  if (!(error instanceof AppError)) {
    throw error;
  }
  switch (error.code) {
    case "UNAUTHENTICATED": {
      const path = requestedPath(request.headers);
      redirect(path && path !== "/" ? `/login?next=${encodeURIComponent(path)}` : "/login");
      break;
    }
    case "NOT_FOUND":
      notFound();
      break;
    case "FORBIDDEN":
      request.memo.refusal = { reason: error.reason, values: error.values };
      forbidden();
      break;
    default:
      throw error;
  }
}

/** Why the page of this request was refused, and whom to ask. */
export async function missingGrant(): Promise<Partial<MissingGrant> & { granters: Granter[] }> {
  const { memo } = await currentRequest();
  return { ...memo.refusal, granters: await listGranters() };
}
