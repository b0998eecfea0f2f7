import { unstable_isUnrecognizedActionError, unstable_rethrow } from "next/navigation";
import type { ActionFailure, ActionState } from "@/lib/schemas/action-state.ts";

/** What became of it is not known, or the server no longer knows this page's actions: it is newer than the page. */
const UNHEARD = ["no-connection", "console-updated"] as const;

/**
 * What a server action answers, also where no answer comes: then a refusal that says so, with what was typed still in its place. React
 * takes an action that throws for a broken page, and puts another in its place.
 */
export async function answerOf<Result>(
  ask: () => Promise<ActionState<Result>>,
): Promise<ActionState<Result>> {
  try {
    return await ask();
  } catch (error) {
    // Next leads elsewhere by throwing.
    unstable_rethrow(error);
    return unheard(unstable_isUnrecognizedActionError(error) ? "console-updated" : "no-connection");
  }
}

/** Whether the server said it: what was not heard may have been done, and is sent again as the same submission. */
export function isHeard(state: ActionState<unknown>): boolean {
  return state.status !== "error" || !(UNHEARD as readonly string[]).includes(state.reason);
}

function unheard(reason: (typeof UNHEARD)[number]): ActionFailure {
  return { status: "error", code: "UNAVAILABLE", reason, values: {}, fields: {}, requestId: "" };
}
