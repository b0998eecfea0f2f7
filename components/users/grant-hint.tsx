"use client";

import { CircleHelp } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { GRANTS, type InstanceOption } from "@/lib/schemas/instance.ts";
import type { UserRow } from "@/lib/schemas/user.ts";
import { cellOf, type Edits, holdsGrant } from "./grant-cell.ts";

export interface HintTarget {
  slot: HTMLElement;
  row: number;
  column: number;
}

interface GrantHintProps {
  target: HintTarget | null;
  users: readonly UserRow[];
  instances: readonly InstanceOption[];
  edits: Edits;
}

const DELAY_MS = 350;
const WIDTH = 316;

/** What the slot under the pointer or the focus means for this user and instance. One for the whole matrix. */
export function GrantHint({ target, users, instances, edits }: GrantHintProps) {
  const t = useTranslations("users.matrix");
  const grants = useTranslations("common.grant");
  const shown = useLate(target);
  const user = shown ? users[shown.row] : undefined;
  const instance = shown ? instances[Math.floor(shown.column / GRANTS.length)] : undefined;
  const grant = shown ? GRANTS[shown.column % GRANTS.length] : undefined;
  if (!shown || !user || !instance || !grant) {
    return null;
  }
  const cell = cellOf(user, instance.id, edits);
  const box = shown.slot.getBoundingClientRect();
  const left = Math.min(box.left - 12, window.innerWidth - WIDTH - 12);
  const below = box.bottom + 130 < window.innerHeight;
  return (
    <div
      aria-hidden
      style={{
        width: WIDTH,
        left: Math.max(12, left),
        ...(below ? { top: box.bottom + 10 } : { bottom: window.innerHeight - box.top + 10 }),
      }}
      className="pop pointer-events-none fixed z-40 rounded-md bg-surface px-4 py-3 shadow-pop"
    >
      <div className="font-medium">
        {t("slot", {
          user: user.displayName || user.username,
          instance: instance.name,
          grant: grants(grant),
        })}
      </div>
      <div className="mt-1 text-ink-2 text-meta">{t(`means.${grant}`, { instance: instance.name })}</div>
      {grant === "operate" && holdsGrant(cell, "operate") && !holdsGrant(cell, "manage") ? (
        <div className="mt-1.5 flex items-center gap-1.5 text-gamboge-fg text-meta">
          <CircleHelp aria-hidden className="size-3" />
          {t("missingManage")}
        </div>
      ) : null}
    </div>
  );
}

/** The target once it has been looked at for a moment. */
function useLate(target: HintTarget | null): HintTarget | null {
  const [shown, setShown] = useState<HintTarget | null>(null);
  useEffect(() => {
    if (!target) {
      setShown(null);
      return;
    }
    const timer = setTimeout(() => setShown(target), DELAY_MS);
    return () => clearTimeout(timer);
  }, [target]);
  return target && shown?.slot === target.slot ? shown : null;
}
