"use client";

import { type ReactNode, useEffect, useLayoutEffect } from "react";
import { Toaster } from "../kit/toast.tsx";
import { ZoneProvider } from "../kit/zone.tsx";

/** What every page stands on; the console's pages add the live stream (components/live). */
export function Providers({ children }: { children: ReactNode }) {
  useThemeAfterErrorShell();
  useCutTexts();
  return (
    <ZoneProvider>
      {children}
      <Toaster />
    </ZoneProvider>
  );
}

/** Next answers a 403 or 404 with an empty shell and renders in the browser; scripts of the layout do not run then. */
function useThemeAfterErrorShell() {
  useLayoutEffect(() => {
    if (!document.documentElement.dataset.theme) {
      const script = document.createElement("script");
      script.src = "/theme.js";
      document.head.append(script);
    }
  }, []);
}

/** Their scripts come with the first pointer or focus. */
function useCutTexts() {
  useEffect(() => {
    const ended = new AbortController();
    const begin = (event: Event) => {
      ended.abort();
      void import("../kit/cut-text.ts").then(({ tellCutTexts }) => tellCutTexts(event));
    };
    for (const kind of ["pointerover", "focusin"]) {
      addEventListener(kind, begin, { signal: ended.signal });
    }
    return () => ended.abort();
  }, []);
}
