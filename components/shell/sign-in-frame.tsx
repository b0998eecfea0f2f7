import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { LocaleSwitch } from "./locale-switch.tsx";
import { Mark } from "./mark.tsx";
import { SHELL_ICONS } from "./nav-icons.tsx";
import { Ridges } from "./ridges.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";

interface SignInFrameProps {
  /** On the ink panel, under the mark. */
  panel: ReactNode;
  /** `low`: the landscape stays below a list of steps. */
  low?: boolean;
  children: ReactNode;
}

/** Two halves: the ink panel with the stepped ridges, and the form. */
export async function SignInFrame({ panel, low = false, children }: SignInFrameProps) {
  const t = await getTranslations("common");
  return (
    <div className="flex min-h-dvh bg-surface max-md:flex-col">
      <header
        className={`relative shrink-0 overflow-hidden bg-rail text-rail-ink max-md:min-h-[340px] ${low ? "md:w-[36%] md:min-w-80 md:max-w-[480px]" : "md:w-[44%] md:max-w-[616px]"}`}
      >
        <Ridges low={low} />
        <div className="relative flex h-full flex-col px-12 pt-11 pb-8 max-md:px-6 max-md:pt-6">
          <div className="flex items-center gap-3">
            <Mark size={30} />
            <span className="font-semibold text-[20px] tracking-[-0.015em]">{t("product")}</span>
          </div>
          {panel}
        </div>
      </header>
      <main className="flex min-w-0 flex-1 flex-col">
        <div className="flex justify-end gap-1 px-8 pt-6 max-md:px-4 max-md:pt-3">
          <LocaleSwitch
            icon={SHELL_ICONS.language}
            signedIn={false}
            named
            className="flex h-8 items-center gap-1.5 rounded-sm px-2 text-ink-2 hover:bg-hover hover:text-ink max-md:h-11 max-md:px-3"
          />
          <ThemeSwitch
            icons={SHELL_ICONS.theme}
            className="flex size-8 items-center justify-center rounded-sm text-ink-2 hover:bg-hover hover:text-ink max-md:size-11"
          />
        </div>
        <div className="flex flex-1 items-center justify-center px-6 pb-20 max-md:items-start max-md:pb-10">
          {children}
        </div>
      </main>
    </div>
  );
}
