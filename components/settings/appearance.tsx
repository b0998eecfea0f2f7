"use client";

import { useTranslations } from "next-intl";
import { useId, useOptimistic, useTransition } from "react";
import { setShortcutsAction } from "@/lib/actions/settings.ts";
import { LOCALES } from "@/lib/schemas/words.ts";
import { useLocaleChoice } from "../account/use-locale-choice.ts";
import { Segmented } from "../kit/segmented.tsx";
import { Switch } from "../kit/switch.tsx";
import { useAction } from "../live/use-action.ts";
import { THEMES, useTheme } from "../shell/theme-switch.tsx";

/** Language and single keys follow the account; the theme belongs to the browser. */
export function Appearance({ shortcuts }: { shortcuts: boolean }) {
  const t = useTranslations("settings.appearance");
  const common = useTranslations("common");
  const language = useLocaleChoice(true);
  const { theme, choose } = useTheme();
  return (
    <div className="flex max-w-[560px] flex-col gap-4">
      <Choice label={t("language")} hint={t("languageHint")}>
        <Segmented
          label={t("language")}
          value={language.locale}
          onValueChange={language.choose}
          options={LOCALES.map((locale) => ({
            value: locale,
            label: <span lang={locale}>{common(`language.${locale}`)}</span>,
          }))}
        />
      </Choice>
      <Choice label={t("theme")} hint={t("themeHint")}>
        <Segmented
          label={t("theme")}
          value={theme}
          onValueChange={choose}
          options={THEMES.map((value) => ({ value, label: common(`theme.${value}`) }))}
        />
      </Choice>
      <ShortcutSwitch shortcuts={shortcuts} />
    </div>
  );
}

function Choice({ label, hint, children }: { label: string; hint: string; children: React.ReactNode }) {
  return (
    <div className="grid gap-x-4 gap-y-1 sm:grid-cols-[120px_minmax(0,1fr)]">
      <span aria-hidden="true" className="text-ink-2 leading-8">
        {label}
      </span>
      <div>
        {children}
        <p className="mt-1 text-ink-3 text-meta">{hint}</p>
      </div>
    </div>
  );
}

/** Moves at once; goes back where the server refuses. */
function ShortcutSwitch({ shortcuts }: { shortcuts: boolean }) {
  const t = useTranslations("settings.appearance");
  const id = useId();
  const { run } = useAction(setShortcutsAction);
  const [pending, startTransition] = useTransition();
  const [shown, setShown] = useOptimistic(shortcuts);
  const change = (enabled: boolean) =>
    startTransition(async () => {
      setShown(enabled);
      await run({ enabled });
    });
  return (
    <div className="grid gap-x-4 gap-y-1 sm:grid-cols-[120px_minmax(0,1fr)]">
      <span aria-hidden="true" className="text-ink-2 leading-6">
        {t("shortcuts")}
      </span>
      <div>
        <Switch checked={shown} onCheckedChange={change} label={t("shortcutsLabel")} pending={pending} />
        <p id={id} className="mt-1 text-ink-3 text-meta">
          {t("shortcutsOn")}
        </p>
      </div>
    </div>
  );
}
