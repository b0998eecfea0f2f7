"use client";

import { useTranslations } from "next-intl";
import { VERIFY_DEPTHS, type VerifyDepth } from "@/lib/schemas/verify-words.ts";
import { Segmented } from "../kit/segmented.tsx";

interface DepthChoiceProps {
  value: VerifyDepth;
  onChange: (depth: VerifyDepth) => void;
}

/** How much is proven, and what that takes. */
export function DepthChoice({ value, onChange }: DepthChoiceProps) {
  const t = useTranslations("verify.dialog");
  const depths = useTranslations("verify.form.depth");
  return (
    <div className="mt-3 grid justify-items-start gap-1.5">
      <Segmented
        label={t("how")}
        value={value}
        onValueChange={onChange}
        options={VERIFY_DEPTHS.map((depth) => ({ value: depth, label: depths(depth) }))}
      />
      <p className="min-h-9 text-ink-2">{t(value)}</p>
    </div>
  );
}
