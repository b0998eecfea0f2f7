import "server-only";
import { config } from "../config.ts";
import { log } from "../log.ts";
import { PSEUDO_LOCALE } from "../pseudo-locale.ts";
import { LOCALES, type Locale } from "../schemas/locale.ts";
import { negotiateLocale } from "./accept-language.ts";
import { cookieOptions, currentRequest, readCookie, writeCookie } from "./request.ts";
import { currentUser } from "./session.ts";

/** The language of this browser: for pages before signing in, and for whoever chose none on the account. */
export const LOCALE_COOKIE = "lockstep-locale";
const MAX_AGE_S = 365 * 24 * 3600;

/** The language of this answer: chosen on the account, else in this browser, else what the browser asks for. */
export async function requestLocale(): Promise<Locale | typeof PSEUDO_LOCALE> {
  const cookie = await readCookie(LOCALE_COOKIE);
  if (cookie === PSEUDO_LOCALE && config().pseudoLocale) {
    return PSEUDO_LOCALE;
  }
  return (
    (await localeOfUser()) ??
    LOCALES.find((locale) => locale === cookie) ??
    negotiateLocale((await currentRequest()).headers.get("accept-language"))
  );
}

/** A page that says that the database does not answer must not need the database for its language. */
async function localeOfUser(): Promise<Locale | null> {
  try {
    return (await currentUser())?.locale ?? null;
  } catch (error) {
    log.debug({ err: error }, "the language of the user could not be read");
    return null;
  }
}

/** Keeps the language in this browser. Works in server actions and route handlers only. */
export async function rememberLocale(locale: Locale): Promise<void> {
  await writeCookie(LOCALE_COOKIE, locale, cookieOptions(MAX_AGE_S));
}
