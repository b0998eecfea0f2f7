"use client";

import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

/** Title and 关闭 of an aside. */
export function AsideHead({ title, onClose }: { title: ReactNode; onClose: () => void }) {
  const t = useTranslations("common");
  return (
    <div className="mb-2 flex items-start justify-between gap-3">
      {title}
      <button
        type="button"
        aria-label={t("close")}
        onClick={onClose}
        className="-mr-1.5 flex size-6 shrink-0 items-center justify-center text-ink-3 hover:text-ink max-md:size-11"
      >
        <X aria-hidden className="size-4" />
      </button>
    </div>
  );
}
