"use client";

import { useTranslations } from "next-intl";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { DialogButtons } from "../kit/dialog-buttons.tsx";
import { parseKeys } from "../kit/key-steps.ts";
import { Link } from "../kit/link.tsx";
import type { Shortcut, ShortcutGroup } from "../kit/shortcut-registry.ts";

const GROUPS: readonly ShortcutGroup[] = ["page", "list", "go", "form"];

interface ShortcutHelpProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** What is bound now. */
  shortcuts: readonly Shortcut[];
  /** Whether keys of printable characters work. */
  enabled: boolean;
}

/** What the keyboard does on this page, as it is bound at this moment. */
export function ShortcutHelp({ open, onOpenChange, shortcuts, enabled }: ShortcutHelpProps) {
  const t = useTranslations("shortcuts");
  const common = useTranslations("common");
  const closing: Shortcut = { keys: "Escape", label: t("close"), group: "form", run: () => {} };
  const groups = GROUPS.map((group) => ({
    group,
    rows: byLabel([...shortcuts, closing].filter((shortcut) => (shortcut.group ?? "page") === group)),
  })).filter(({ rows }) => rows.length > 0);
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t("title")} width={680}>
      {enabled ? null : (
        <p className="mt-2 text-ink-2">
          {t("off")}{" "}
          <Link href="/settings" className="link" onClick={() => onOpenChange(false)}>
            {t("settings")}
          </Link>
        </p>
      )}
      <div className="mt-4 gap-x-10 sm:columns-2">
        {groups.map(({ group, rows }) => (
          <section key={group} className="mb-5 break-inside-avoid">
            <h3 className="mb-1 text-ink-3 text-meta">{t(`group.${group}`)}</h3>
            <dl>
              {rows.map(({ label, keys }) => (
                <div key={label} className="flex min-h-8 items-center gap-3 border-line border-t py-1">
                  <dt className="min-w-0 flex-1">{label}</dt>
                  <dd className="flex items-center gap-1.5 text-ink-3 text-meta">
                    {keys.map((one, index) => (
                      <span key={one} className="flex items-center gap-1">
                        {index > 0 ? <span>{t("or")}</span> : null}
                        <Keys keys={one} />
                      </span>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <DialogButtons>
        <Button data-autofocus onClick={() => onOpenChange(false)}>
          {common("close")}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}

/** One line for what several keys do. */
function byLabel(shortcuts: readonly Shortcut[]): { label: string; keys: string[] }[] {
  const found = new Map<string, string[]>();
  for (const { label, keys } of shortcuts) {
    found.set(label, [...(found.get(label) ?? []), keys]);
  }
  return [...found].map(([label, keys]) => ({ label, keys }));
}

const SHIFT = "Shift";
const SIGN: Record<string, string> = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
};

function Keys({ keys }: { keys: string }) {
  const mod = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";
  return parseKeys(keys).map((step, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the steps are a fixed list
    <span key={index} className="flex items-center gap-1">
      {step.mod ? <Key>{mod}</Key> : null}
      {step.shift ? <Key>{SHIFT}</Key> : null}
      <Key>{SIGN[step.key] ?? step.key}</Key>
    </span>
  ));
}

function Key({ children }: { children: string }) {
  return (
    <kbd className="inline-flex h-5 min-w-5 items-center justify-center rounded-[3px] px-1 text-ink-2 text-micro shadow-[inset_0_0_0_1px_var(--line-strong)]">
      {children}
    </kbd>
  );
}
