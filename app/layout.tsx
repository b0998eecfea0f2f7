import type { Metadata, Viewport } from "next";
import { NextIntlClientProvider } from "next-intl";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Providers } from "@/components/shell/providers.tsx";
import { ClientMessages } from "./client-messages.tsx";
import "./globals.css";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("common");
  return { title: { default: t("product"), template: `%s · ${t("product")}` } };
}

// Every page depends on who asks: nothing is rendered at build time, when there is no database.
export const dynamic = "force-dynamic";

export const viewport: Viewport = { width: "device-width", initialScale: 1, colorScheme: "light dark" };

export default async function RootLayout({ children }: { children: ReactNode }) {
  return (
    // Two scripts of our own run before React; every page pays for their bytes, so what they do is told here.
    // public/theme.js sets data-theme before the first paint: the chosen theme, or the system's, which the server cannot know.
    // public/early.js keeps what is done to a control before React has taken it over (clicks of buttons, text in fields, forms), and does
    // it again, in that order, each once React has drawn what the one before changed. It asks after React's own listener, which is on the
    // document too and stops what it cannot take yet. React marks an element as it draws it, which may be long before it is taken over:
    // whether it is, an event tells that nobody else listens to (touchcancel), which React stops as well; a submit it does not stop, and
    // the browser would load the page anew. What stands in a field is told React however late, also where it came while React took the
    // field over, which then compares with it; what else was done is forgotten after a while. While text waits, so do links and forms:
    // without it, nobody would ask about it or send it. Text is handed over by the field's _valueTracker, with which React compares. Keys
    // outside of fields wait in window.lockstepKeys for components/kit/shortcut-registry.ts. A list is longer than what React shows with the
    // page's first bytes; it would be shown 300 ms after those ($RT is when), so that many parts come together. Ours is one, and is shown
    // once it is there.
    <html lang={await getLocale()} suppressHydrationWarning>
      <head>
        <script src="/theme.js" />
        <script src="/early.js" />
      </head>
      <body>
        <NextIntlClientProvider messages={{}}>
          <ClientMessages
            paths={["common.*", "common.copy", "common.error", "common.forbidden", "common.toast"]}
          >
            <Providers>{children}</Providers>
          </ClientMessages>
        </NextIntlClientProvider>
      </body>
    </html>
  );
}
