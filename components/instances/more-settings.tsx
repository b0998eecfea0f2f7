"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useId, useState } from "react";
import { DisclosureButton } from "../kit/disclosure-button.tsx";

/** Settings that seldom need a hand, folded away. What is typed stays; `open` turning true unfolds them. */
export function MoreSettings({ open: wanted, children }: { open: boolean; children: ReactNode }) {
  const t = useTranslations("instances.form");
  const id = useId();
  const [open, setOpen] = useState(wanted);
  const [was, setWas] = useState(wanted);
  if (wanted !== was) {
    setWas(wanted);
    setOpen(open || wanted);
  }
  return (
    <div className="mt-1 border-line border-t pt-2">
      <DisclosureButton open={open} controls={id} hint={t("moreHint")} onToggle={() => setOpen(!open)}>
        {t("more")}
      </DisclosureButton>
      <div id={id} hidden={!open} className="mt-2 flex flex-col gap-1.5">
        {children}
      </div>
    </div>
  );
}
