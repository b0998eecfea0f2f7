import "server-only";
import { isTimeZone } from "../schemas/cron-runs.ts";
import { ZONE_COOKIE } from "../schemas/zone-cookie.ts";
import { readCookie } from "./request.ts";

/** The longest name of the tz database has 32 characters. */
const LONGEST = 64;

/** The time zone that this page is made for: the reader's, if the browser has told it (components/kit/zone.tsx), else the server's own. */
export async function requestZone(): Promise<string> {
  return zoneIn(await readCookie(ZONE_COOKIE)) ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** What a cookie says, if it is the name of a zone that Intl knows: whoever visits writes it as they like. */
export function zoneIn(cookie: string | null): string | null {
  return cookie !== null && cookie.length <= LONGEST && isTimeZone(cookie) ? cookie : null;
}
