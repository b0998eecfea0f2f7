"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useSyncExternalStore } from "react";
import { Tooltip } from "../kit/tooltip.tsx";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
/** public/theme.js listens to it and sets `data-theme`. */
const CHANGED = "lockstep:theme";

/** Steps through 跟随系统, 浅色, 深色. */
export function ThemeSwitch({ icons, className }: { icons: Record<Theme, ReactNode>; className?: string }) {
  const t = useTranslations("common");
  const { theme, choose } = useTheme();
  const label = t("theme.switch", { current: t(`theme.${theme}`) });
  return (
    <Tooltip content={label}>
      <button
        type="button"
        aria-label={label}
        onClick={() => choose(THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system")}
        className={
          className ?? "flex size-6 items-center justify-center rounded-sm hover:text-rail-ink max-md:size-11"
        }
      >
        {icons[theme]}
      </button>
    </Tooltip>
  );
}

/** The theme of this browser, and how to choose another. */
export function useTheme(): { theme: Theme; choose: (theme: Theme) => void } {
  return {
    theme: useSyncExternalStore(subscribe, readTheme, () => "system" as const),
    choose: writeTheme,
  };
}

function readTheme(): Theme {
  try {
    const stored = localStorage.getItem("theme");
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}

function writeTheme(theme: Theme): void {
  try {
    if (theme === "system") {
      localStorage.removeItem("theme");
    } else {
      localStorage.setItem("theme", theme);
    }
  } catch {
    // Storage may be forbidden; then the system decides.
  }
  window.dispatchEvent(new Event(CHANGED));
}

function subscribe(changed: () => void): () => void {
  window.addEventListener(CHANGED, changed);
  window.addEventListener("storage", changed);
  return () => {
    window.removeEventListener(CHANGED, changed);
    window.removeEventListener("storage", changed);
  };
}
