"use server";

import { z } from "zod";
import { rememberLocale } from "../auth/locale.ts";
import { forgetCurrentUser } from "../auth/session.ts";
import { setOwnLocale } from "../data/locale.ts";
import { Locale } from "../schemas/locale.ts";
import { action, openAction } from "./action.ts";

/** The language of one's account, in whichever browser; this browser keeps it for the sign-in page, too. */
export const setLocaleAction = action("account:preferences", {
  input: z.object({ locale: Locale }),
  subject: () => ({}),
  run: async (actor, { locale }) => {
    await setOwnLocale(actor, locale);
    await rememberLocale(locale);
    // The page is rendered anew with the answer, in the new language.
    await forgetCurrentUser();
    return {};
  },
});

/** The language of this browser, before anybody is signed in. */
export const setBrowserLocaleAction = openAction("session:language", {
  input: z.object({ locale: Locale }),
  run: async ({ locale }) => {
    await rememberLocale(locale);
    return {};
  },
});
