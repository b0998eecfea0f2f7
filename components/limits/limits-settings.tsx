"use client";

import { useTranslations } from "next-intl";
import { memo, useId, useState } from "react";
import type { ActionState } from "@/lib/schemas/action-state.ts";
import type { InstanceRow } from "@/lib/schemas/instance.ts";
import { DisclosureButton } from "../kit/disclosure-button.tsx";
import { lazily } from "../kit/lazily.tsx";

const LimitsFields = lazily(() => import("./limits-fields.tsx").then((module) => module.LimitsFields));

interface LimitsSettingsProps {
  instance: InstanceRow;
  state: ActionState<unknown>;
  /** Something was changed that a form does not notice by itself. */
  onDirty: () => void;
}

/**
 * The limits of an instance in its form, folded away while there are none. Never unfolded, they are not sent. Memorized: a render of
 * the form before its scripts are all there would take away what the server drew.
 */
export const LimitsSettings = memo(function LimitsSettings({ instance, ...rest }: LimitsSettingsProps) {
  const t = useTranslations("limits");
  const id = useId();
  const [open, setOpen] = useState(instance.limits !== null);
  const [used, setUsed] = useState(open);
  return (
    <section aria-label={t("title")} id="limits" className="mt-1 scroll-mt-16 border-line border-t pt-2">
      <DisclosureButton
        open={open}
        controls={id}
        hint={t("summary")}
        onToggle={() => {
          setOpen(!open);
          setUsed(true);
        }}
      >
        {t("title")}
      </DisclosureButton>
      <div id={id} hidden={!open} className="mt-2">
        {used ? <LimitsFields limits={instance.limits} {...rest} /> : null}
      </div>
    </section>
  );
});
