"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { ConfirmDialog } from "./dialog.tsx";
import { goTo, guardHistory } from "./history-guard.ts";
import { type Destination, guardLeaving } from "./leaving.ts";

/** Asks before what was typed is lost: by links and keys, by 后退 and 前进, by closing or reloading. In the last two the browser itself asks. */
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
    const ends = [guardLeaving(ask), guardLinks(ask), guardHistory(ask, leaving), guardUnload(leaving)];
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
          goTo(destination);
        }
      }}
    />
  );
}

function guardUnload(leaving: { current: boolean }): () => void {
  const onUnload = (event: BeforeUnloadEvent) => {
    if (!leaving.current) {
      event.preventDefault();
    }
  };
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
      // Where what was typed stays as it is, as in a matrix whose page is turned.
      link.closest("[data-stays]") ||
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
