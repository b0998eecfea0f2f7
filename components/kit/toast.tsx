"use client";

import { useTranslations } from "next-intl";
import { useRef, useState, useSyncExternalStore } from "react";
import { lazily } from "./lazily.tsx";
import type { Toast, ToastMessage } from "./toast-card.tsx";

const ToastCard = lazily(() => import("./toast-card.tsx").then((module) => module.ToastCard));

const AT_MOST = 3;
const NONE: readonly Toast[] = [];

let toasts = NONE;
let count = 0;
const watchers = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const watcher of watchers) {
    watcher();
  }
}

const close = (id: number) => set(toasts.filter((toast) => toast.id !== id));

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Says what happened, for 6 s; longer while it is hovered or focused. */
export function showToast(content: ToastMessage): void {
  count += 1;
  set([...toasts, { ...content, id: count }].slice(-AT_MOST));
}

/** Where the words of {@link showToast} appear: a region that is there before them, so that they are read out. */
export function Toaster() {
  const t = useTranslations("common.toast");
  const shown = useSyncExternalStore(
    watch,
    () => toasts,
    () => NONE,
  );
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  const cameFrom = useRef<Element | null>(null);
  const region = useRef<HTMLElement>(null);
  const dismiss = (id: number) => {
    const back = region.current?.contains(document.activeElement) ? cameFrom.current : null;
    close(id);
    setHovered(false);
    if (back instanceof HTMLElement) {
      back.focus();
    }
  };
  return (
    <section
      ref={region}
      aria-label={t("region")}
      aria-live="polite"
      aria-relevant="additions"
      onPointerEnter={() => setHovered(true)}
      onPointerLeave={() => setHovered(false)}
      onFocus={({ relatedTarget, currentTarget }) => {
        setFocused(true);
        if (!currentTarget.contains(relatedTarget)) {
          cameFrom.current = relatedTarget;
        }
      }}
      onBlur={({ relatedTarget, currentTarget }) => setFocused(currentTarget.contains(relatedTarget))}
      className="pointer-events-none fixed right-5 bottom-15 z-60 flex flex-col items-end gap-2 max-md:inset-x-4 max-md:bottom-4"
    >
      {shown.map((toast) => (
        <ToastCard
          key={toast.id}
          {...toast}
          held={(hovered || focused) && shown.length > 0}
          onClose={() => dismiss(toast.id)}
          onOver={() => close(toast.id)}
        />
      ))}
    </section>
  );
}
