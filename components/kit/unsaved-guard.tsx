"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { ConfirmDialog } from "./dialog.tsx";
import { type Destination, guardLeaving } from "./leaving.ts";

/**
 * Asks before what was typed is lost: by links and keys, by 后退 and 前进, by closing or reloading. In the last two the browser
 * itself asks. Without the Navigation API nobody asks about 后退 within the console: `beforeunload` comes for another document only.
 */
export function UnsavedGuard({ dirty }: { dirty: boolean }) {
  const t = useTranslations("common.unsaved");
  const router = useRouter();
  const [destination, setDestination] = useState<Destination | null>(null);
  const leaving = useRef(false);
  useEffect(() => {
    if (!dirty) {
      return;
    }
    leaving.current = false;
    const ask = (next: Destination) => {
      if (!leaving.current) {
        setDestination(next);
      }
    };
    const ends = [guardLeaving(ask), guardLinks(ask), guardHistory(ask, leaving), guardUnload()];
    return () => {
      for (const end of ends) {
        end();
      }
    };
  }, [dirty]);
  return (
    <ConfirmDialog
      open={destination !== null}
      onOpenChange={(open) => open || setDestination(null)}
      title={t("title")}
      description={t("body")}
      cancelLabel={t("stay")}
      confirmLabel={t("discard")}
      tone="danger"
      onConfirm={() => {
        leaving.current = true;
        setDestination(null);
        if (destination && "href" in destination) {
          router.push(destination.href);
        } else if (destination) {
          navigationApi()?.traverseTo(destination.historyKey);
        }
      }}
    />
  );
}

function guardUnload(): () => void {
  const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
  addEventListener("beforeunload", onUnload);
  return () => removeEventListener("beforeunload", onUnload);
}

function guardLinks(ask: (destination: Destination) => void): () => void {
  const onClick = (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (
      !(link instanceof HTMLAnchorElement) ||
      !plain ||
      link.target === "_blank" ||
      link.hasAttribute("download") ||
      link.origin !== location.origin ||
      (link.hash && link.pathname === location.pathname && link.search === location.search)
    ) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    ask({ href: `${link.pathname}${link.search}` });
  };
  document.addEventListener("click", onClick, { capture: true });
  return () => document.removeEventListener("click", onClick, { capture: true });
}

/** The part of the Navigation API that is needed here; TypeScript's library does not have it yet. */
interface NavigationApi extends EventTarget {
  traverseTo(key: string): unknown;
}
interface NavigateEvent extends Event {
  navigationType: "push" | "replace" | "reload" | "traverse";
  destination: { key: string; url: string; sameDocument: boolean };
}

const navigationApi = () => (globalThis as { navigation?: NavigationApi }).navigation;

function guardHistory(ask: (destination: Destination) => void, leaving: { current: boolean }): () => void {
  const onNavigate = (event: Event) => {
    const { navigationType, destination, cancelable } = event as NavigateEvent;
    // Another document is guarded by beforeunload.
    if (navigationType === "traverse" && destination.sameDocument && cancelable && !leaving.current) {
      event.preventDefault();
      ask({ historyKey: destination.key });
    }
  };
  const api = navigationApi();
  api?.addEventListener("navigate", onNavigate);
  return () => api?.removeEventListener("navigate", onNavigate);
}
