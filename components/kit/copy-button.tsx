"use client";

import clsx from "clsx";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { announce, prepareToAnnounce } from "./announce.ts";
import { copyText } from "./copy-text.ts";
import { showToast } from "./toast.tsx";

interface CopyButtonProps {
  value: string;
  label?: string;
  className?: string;
}

/** Copies `value`; says 已复制 for 1.5 s. One element: a list has one a row, so its mark is drawn by its own box. */
export function CopyButton({ value, label, className }: CopyButtonProps) {
  const t = useTranslations("common");
  const { copied, copy } = useCopy();
  return (
    <button
      type="button"
      aria-label={label ?? t("copy.action")}
      data-copied={copied || undefined}
      onClick={() => void copy(value)}
      className={clsx(
        "copy-mark inline-flex size-6 shrink-0 items-center justify-center rounded-sm align-middle text-ink-3 hover:text-ink max-md:size-11",
        className,
      )}
    />
  );
}

export function useCopy() {
  const t = useTranslations("common.copy");
  const [copied, setCopied] = useState(false);
  useEffect(prepareToAnnounce, []);
  useEffect(() => {
    if (copied) {
      const timer = setTimeout(() => setCopied(false), 1500);
      return () => clearTimeout(timer);
    }
  }, [copied]);
  const copy = async (value: string) => {
    if (await copyText(value)) {
      setCopied(true);
      announce(t("done"));
    } else {
      showToast({ tone: "failed", message: t("refused") });
    }
  };
  return { copied, copy };
}
