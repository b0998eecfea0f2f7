import type { ShellActivity, SystemTrouble } from "@/lib/schemas/system.ts";
import { ApiError } from "../live/fetch-json.ts";

/** What a band above the page tells of. */
export type ShownTrouble = SystemTrouble | "away" | "signed-out";

const REFUSED: Readonly<Record<string, ShownTrouble>> = {
  "database-away": "away",
  "database-read-only": "read-only",
  "database-full": "full",
  unauthenticated: "signed-out",
};

/** By the last answer, be it a refusal. A console that cannot be reached at all is told by what cannot be refreshed. */
export function troubleOf(data: ShellActivity | undefined, error: unknown): ShownTrouble | null {
  if (error instanceof ApiError) {
    return REFUSED[error.reason] ?? null;
  }
  return error === null ? (data?.trouble ?? null) : null;
}
