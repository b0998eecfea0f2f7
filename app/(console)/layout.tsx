import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { ClientMessages } from "@/app/client-messages.tsx";
import { LiveProvider } from "@/components/live/live-provider.tsx";
import { ConsoleShortcuts } from "@/components/shell/console-shortcuts.tsx";
import { Rail } from "@/components/shell/rail.tsx";
import { SystemNotice } from "@/components/shell/system-notice.tsx";
import { TopBar } from "@/components/shell/top-bar.tsx";
import { currentUser } from "@/lib/auth/session.ts";

/** Rail and page. It guards nothing: every page authorizes itself. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const [user, t] = await Promise.all([currentUser().catch(() => null), getTranslations("common")]);
  if (!user) {
    // Nobody, who is led to sign in, or nobody can tell: then the page says what is wrong (app/console-page.tsx).
    return <main className="flex min-h-dvh flex-col bg-surface">{children}</main>;
  }
  // Only what the rail shows goes to the browser.
  const shown = { username: user.username, displayName: user.displayName, role: user.role };
  return (
    <ClientMessages
      paths={[
        "common.dialog",
        "common.field",
        "common.language",
        "common.nav",
        "common.secret",
        "common.theme",
        "errors.*",
        "shortcuts",
        "system.band",
      ]}
    >
      <LiveProvider>
        <ConsoleShortcuts enabled={user.preferences.shortcuts ?? true}>
          <nav aria-label={t("nav.skipLabel")}>
            <a
              href="#main"
              className="-top-20 fixed left-4 z-50 rounded-sm bg-surface px-3 py-2 shadow-pop focus:top-3"
            >
              {t("nav.skip")}
            </a>
          </nav>
          <Rail user={shown} />
          <TopBar user={shown} />
          <main
            id="main"
            tabIndex={-1}
            className="flex min-h-dvh flex-col bg-surface outline-none max-md:min-h-[calc(100dvh-52px)] md:ml-14 xl:ml-(--rail-w)"
          >
            <SystemNotice />
            {children}
          </main>
        </ConsoleShortcuts>
      </LiveProvider>
    </ClientMessages>
  );
}
