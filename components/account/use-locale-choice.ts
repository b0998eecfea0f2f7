"use client";

import { useLocale } from "next-intl";
import { setBrowserLocaleAction, setLocaleAction } from "@/lib/actions/locale.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { useAction } from "../live/use-action.ts";

/**
 * The language of this page and how to choose another, on the account or, before signing in, in this browser. The page is
 * rendered anew in place; a refusal is told in a toast.
 */
export function useLocaleChoice(signedIn: boolean): {
  locale: Locale;
  busy: boolean;
  choose: (locale: Locale) => void;
} {
  const current = useLocale() as Locale;
  const { run, busy } = useAction(signedIn ? setLocaleAction : setBrowserLocaleAction);
  return {
    locale: current,
    busy,
    choose: (locale) => {
      if (locale !== current) {
        void run({ locale });
      }
    },
  };
}
