"use client";

import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";

/** Copies `value`; says 已复制 for 1.5 s. */
export function CopyButton({ value, label }: { value: string; label?: string }) {
  const t = useTranslations("common");
  const { copied, copy } = useCopy();
  return (
    <button
      type="button"
      aria-label={label ?? t("copy.action")}
      onClick={() => copy(value)}
      className="inline-flex size-6 shrink-0 items-center justify-center rounded-sm align-middle text-ink-3 hover:text-ink max-md:size-11"
    >
      {copied ? (
        <Check aria-hidden className="size-3.5 text-malachite-fg" />
      ) : (
        <Copy aria-hidden className="size-3.5" />
      )}
      <span role="status" className="sr-only">
        {copied ? t("copy.done") : null}
      </span>
    </button>
  );
}

export function useCopy() {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (copied) {
      const timer = setTimeout(() => setCopied(false), 1500);
      return () => clearTimeout(timer);
    }
  }, [copied]);
  const copy = async (value: string) => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
  };
  return { copied, copy };
}
