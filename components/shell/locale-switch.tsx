"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { LOCALES } from "@/lib/schemas/words.ts";
import { useLocaleChoice } from "../account/use-locale-choice.ts";
import { Tooltip } from "../kit/tooltip.tsx";

interface LocaleSwitchProps {
  icon: ReactNode;
  /** Kept on the account; else in this browser only. */
  signedIn: boolean;
  /** Writes the name of the other language beside the icon. */
  named?: boolean;
  className?: string;
}

/**
 * Changes to the other language in place: address, what was typed and the scroll position stay. It is named in that
 * language, for whoever cannot read this one.
 */
export function LocaleSwitch({ icon, signedIn, named = false, className }: LocaleSwitchProps) {
  const t = useTranslations("common.language");
  const { locale: current, busy, choose } = useLocaleChoice(signedIn);
  const next = LOCALES.find((locale) => locale !== current) ?? current;
  const name = <span lang={next}>{t(next)}</span>;
  return (
    <Tooltip content={name}>
      <button
        type="button"
        aria-disabled={busy || undefined}
        onClick={() => choose(next)}
        className={
          className ?? "flex size-6 items-center justify-center rounded-sm hover:text-rail-ink max-md:size-11"
        }
      >
        {icon}
        <span className="sr-only">{t("switch")}</span>
        <span className={named ? undefined : "sr-only"}>{name}</span>
      </button>
    </Tooltip>
  );
}
