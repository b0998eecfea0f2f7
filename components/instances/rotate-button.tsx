"use client";

import { KeyRound } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { InstanceRow } from "@/lib/schemas/instance.ts";
import { Button } from "../kit/button.tsx";
import { lazily } from "../kit/lazily.tsx";

const RotateDialog = lazily(() => import("./rotate-dialog.tsx").then((module) => module.RotateDialog), {
  layer: true,
});

/** 更换凭据 */
export function RotateButton({ instance }: { instance: InstanceRow }) {
  const t = useTranslations("instances.rotate");
  const [open, setOpen] = useState(false);
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button
        icon={<KeyRound aria-hidden />}
        onClick={() => {
          setOpened(true);
          setOpen(true);
        }}
      >
        {t("action")}
      </Button>
      {opened ? <RotateDialog instance={instance} open={open} onOpenChange={setOpen} /> : null}
    </>
  );
}
