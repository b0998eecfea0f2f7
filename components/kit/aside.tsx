"use client";

import { lazy, type ReactNode, Suspense, useEffect, useRef, useSyncExternalStore } from "react";
import { AsideHead } from "./aside-head.tsx";
import { OnItsWay } from "./on-its-way.tsx";
import { useShortcuts } from "./shortcuts.tsx";

const Drawer = lazy(() => import("./drawer.tsx").then(({ Drawer }) => ({ default: Drawer })));

interface AsideProps {
  title: string;
  /** 392 to 520 px. */
  width?: number;
  /** Present where the aside can be closed; below 1024 px it is then a drawer. */
  onClose?: () => void;
  children: ReactNode;
}

/** Beside the page on canvas behind one hairline; a drawer where there is no room. */
export function Aside({ title, width = 392, onClose, children }: AsideProps) {
  const narrow = useNarrow();
  if (narrow && onClose) {
    return (
      <Suspense fallback={<OnItsWay layer />}>
        <Drawer title={title} width={width} onClose={onClose}>
          {children}
        </Drawer>
      </Suspense>
    );
  }
  return (
    <Beside title={title} width={width} {...(onClose ? { onClose } : {})}>
      {children}
    </Beside>
  );
}

/** Esc closes it; the focus goes back to what opened it. */
function Beside({ title, width, onClose, children }: Omit<AsideProps, "width"> & { width: number }) {
  const aside = useRef<HTMLElement>(null);
  useFocusBack(aside);
  useShortcuts([
    { keys: "Escape", label: title, listed: false, when: onClose !== undefined, run: () => onClose?.() },
  ]);
  return (
    <aside
      ref={aside}
      aria-label={title}
      style={{ "--aside": `${width}px` } as React.CSSProperties}
      className="shrink-0 bg-canvas px-6 py-4 lg:w-(--aside) lg:border-line lg:border-l max-lg:border-line max-lg:border-t"
    >
      {onClose ? (
        <AsideHead title={<h2 className="text-section">{title}</h2>} onClose={onClose} />
      ) : (
        <h2 className="mb-2 text-section">{title}</h2>
      )}
      {children}
    </aside>
  );
}

function useFocusBack(aside: React.RefObject<HTMLElement | null>) {
  useEffect(() => {
    const opener = document.activeElement;
    const element = aside.current;
    return () => {
      const lost = document.activeElement === document.body || element?.contains(document.activeElement);
      if (lost && opener instanceof HTMLElement && opener.isConnected && opener !== document.body) {
        opener.focus({ preventScroll: true });
      }
    };
  }, [aside]);
}

const QUERY = "(max-width: 1023px)";
function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(QUERY);
      media.addEventListener("change", changed);
      return () => media.removeEventListener("change", changed);
    },
    () => matchMedia(QUERY).matches,
    () => false,
  );
}
