"use client";

import { ChevronsRight, CircleCheck, OctagonX, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useRef } from "react";
import { Link } from "./link.tsx";

const SHOWN_MS = 6000;
/** After the pointer or the focus left, one still has time to look again. */
const AFTER_HOLD_MS = 2000;

const ICON = { success: CircleCheck, started: ChevronsRight, failed: OctagonX } as const;

export interface ToastMessage {
  tone?: "success" | "started" | "failed";
  message: string;
  action?: { label: string; href: string };
  /** Shown with a failure, and found in the log. */
  requestId?: string;
}

export interface Toast extends ToastMessage {
  id: number;
}

interface ToastCardProps extends Toast {
  /** The pointer or the focus is on it: its time stands still. */
  held: boolean;
  onClose: () => void;
  /** Its time has passed. */
  onOver: () => void;
}

export function ToastCard({
  tone = "success",
  message,
  action,
  requestId,
  held,
  onClose,
  onOver,
}: ToastCardProps) {
  const t = useTranslations("common");
  const Icon = ICON[tone];
  useLifetime(held, onOver);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Esc closes what holds the focus; the button does the same
    <div
      data-toast
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.preventDefault();
          onClose();
        }
      }}
      className="pop pointer-events-auto flex w-[356px] max-w-full items-center gap-3 rounded-md bg-rail px-4 py-2.5 text-rail-ink shadow-pop forced-colors:border"
    >
      <Icon aria-hidden className="size-4 shrink-0 text-rail-ink-2" />
      <span className="min-w-0 flex-1 wrap-anywhere">
        {message}
        {requestId ? (
          <span className="block text-meta text-rail-ink-2">{t("requestId", { id: requestId })}</span>
        ) : null}
      </span>
      {action ? (
        <Link
          href={action.href}
          onClick={onClose}
          className="flex min-h-6 items-center rounded-sm font-medium text-[oklch(0.79_0.098_235)] whitespace-nowrap hover:underline max-md:min-h-11"
        >
          {action.label}
        </Link>
      ) : null}
      <button
        type="button"
        aria-label={t("close")}
        onClick={onClose}
        className="-mr-1.5 flex size-6 shrink-0 items-center justify-center rounded-sm text-rail-ink-2 hover:text-rail-ink max-md:size-11"
      >
        <X aria-hidden className="size-3.5" />
      </button>
    </div>
  );
}

/** Closes a toast when its time has passed; time stands still while it is held. */
function useLifetime(held: boolean, onOver: () => void): void {
  const over = useEffectEvent(onOver);
  const left = useRef(SHOWN_MS);
  useEffect(() => {
    if (held) {
      return;
    }
    const since = Date.now();
    const timer = setTimeout(() => over(), left.current);
    return () => {
      clearTimeout(timer);
      left.current = Math.max(AFTER_HOLD_MS, left.current - (Date.now() - since));
    };
  }, [held]);
}
