"use client";

import { useUntil } from "../tasks/countdown.tsx";

/** `15:43:40`, in the reader's zone. */
export function Until({ at }: { at: string }) {
  return (
    <time dateTime={at} suppressHydrationWarning>
      {useUntil(at).clock}
    </time>
  );
}
