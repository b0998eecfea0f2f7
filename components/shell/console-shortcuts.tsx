"use client";

import { useTranslations } from "next-intl";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { lazily } from "../kit/lazily.tsx";
import { useGuardedPush } from "../kit/leaving.ts";
import type { Shortcut } from "../kit/shortcut-registry.ts";
import { ShortcutProvider, useShortcutRegistry, useShortcuts } from "../kit/shortcuts.tsx";

const ShortcutHelp = lazily(() => import("./shortcut-help.tsx").then((module) => module.ShortcutHelp), {
  layer: true,
});

const HelpContext = createContext<() => void>(() => {});

/** Opens the help, for those who do not press `?`. */
export function useShortcutHelp(): () => void {
  return useContext(HelpContext);
}

/** The keys that work on every page of the console, and their help. */
export function ConsoleShortcuts({ enabled, children }: { enabled: boolean; children: ReactNode }) {
  return (
    <ShortcutProvider enabled={enabled}>
      <WithHelp enabled={enabled}>{children}</WithHelp>
    </ShortcutProvider>
  );
}

function WithHelp({ enabled, children }: { enabled: boolean; children: ReactNode }) {
  // The dialog's code is fetched at its first opening; afterwards it stays, so that it can close with its focus returned.
  const [help, setHelp] = useState<{ open: boolean; shortcuts: readonly Shortcut[] } | null>(null);
  const registry = useShortcutRegistry();
  const open = () => setHelp({ open: true, shortcuts: registry?.list() ?? [] });
  useGlobalKeys(open);
  const shown = help?.open ?? false;
  // Asked for early, it is open before a list that comes later has bound its keys.
  useEffect(() => {
    if (!registry || !shown) {
      return;
    }
    const read = () => {
      const shortcuts = registry.list();
      setHelp((known) => known && { ...known, shortcuts });
    };
    read();
    return registry.watch(read);
  }, [registry, shown]);
  return (
    <HelpContext.Provider value={open}>
      {children}
      {help ? (
        <ShortcutHelp
          {...help}
          enabled={enabled}
          onOpenChange={(shown) => setHelp({ ...help, open: shown })}
        />
      ) : null}
    </HelpContext.Provider>
  );
}

function useGlobalKeys(openHelp: () => void) {
  const t = useTranslations("shortcuts");
  const push = useGuardedPush();
  const go = (keys: string, label: string, href: string) =>
    ({ keys, label, group: "go", run: () => push(href) }) as const;
  useShortcuts([
    go("g h", t("goHome"), "/"),
    go("g s", t("goRules"), "/rules"),
    go("g i", t("goInstances"), "/instances"),
    go("g t", t("goTasks"), "/tasks"),
    go("g o", t("goTopology"), "/topology"),
    pressing("i", t("switchInstance")),
    pressing("n", t("new")),
    pressing("t", t("trigger")),
    pressing("e", t("edit")),
    { keys: "?", label: t("help"), group: "page", run: openHelp },
    {
      keys: "F6",
      label: t("toToast"),
      group: "page",
      inFields: true,
      when: () => toastControl() !== null,
      run: () => toastControl()?.focus(),
    },
    {
      keys: "Mod+Enter",
      label: t("submit"),
      group: "form",
      inDialogs: true,
      when: () => document.querySelector("form") !== null,
      run: ({ target }) => (target instanceof Element ? target.closest("form") : null)?.requestSubmit(),
    },
  ]);
}

/** The action of the newest notification, else its button. */
function toastControl(): HTMLElement | null {
  const newest = document.querySelector("[data-toast]:last-child");
  return newest?.querySelector<HTMLElement>("a, button") ?? null;
}

/** Presses the button or link of the page that carries `data-key`; what cannot be used now is focused and tells why. */
function pressing(keys: string, label: string) {
  const find = () => document.querySelector<HTMLElement>(`main [data-key="${keys}"]:not([data-row] *)`);
  return {
    keys,
    label,
    group: "page",
    when: () => find() !== null,
    run: () => {
      const element = find();
      if (element?.getAttribute("aria-disabled") === "true") {
        element.focus();
      } else {
        element?.click();
      }
    },
  } as const;
}
