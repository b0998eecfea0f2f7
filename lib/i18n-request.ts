import { getRequestConfig } from "next-intl/server";
import { requestLocale } from "./auth/locale.ts";
import { requestZone } from "./auth/zone.ts";
import { compileMessages } from "./compiled-messages.ts";
import { loadMessages } from "./messages.ts";
import { PSEUDO_LOCALE, pseudoMessages } from "./pseudo-locale.ts";

export default getRequestConfig(async () => {
  const locale = await requestLocale();
  const messages =
    locale === PSEUDO_LOCALE ? pseudoMessages(await loadMessages("en")) : await loadMessages(locale);
  return { locale, messages: compileMessages(messages), timeZone: await requestZone() };
});
