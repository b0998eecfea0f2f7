"use client";

import { Activity } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "../kit/button.tsx";
import { useCheckInstance } from "./check-action.ts";

interface CheckButtonProps {
  id: string;
  name: string;
  host: string;
  may: boolean;
}

export function CheckButton({ id, name, host, may }: CheckButtonProps) {
  const t = useTranslations("instances");
  const { check, busy } = useCheckInstance({ id, name, host });
  return (
    <Button
      icon={<Activity aria-hidden />}
      onClick={check}
      busy={busy}
      busyLabel={t("testing")}
      disabledReason={may ? null : t("needs.operate", { name })}
    >
      {t("test.action")}
    </Button>
  );
}
