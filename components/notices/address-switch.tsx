"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { setNoticeEnabledAction } from "@/lib/actions/notices.ts";
import type { NoticeAddressRow } from "@/lib/schemas/notice.ts";
import { Switch } from "../kit/switch.tsx";
import { showToast } from "../kit/toast.tsx";
import { useAction } from "../live/use-action.ts";

/** Turns at once, and back again when the server refuses. */
export function AddressSwitch({ address }: { address: NoticeAddressRow }) {
  const t = useTranslations("notices");
  const { run, busy } = useAction(setNoticeEnabledAction);
  const [asked, setAsked] = useState<boolean | null>(null);
  useEffect(() => {
    if (asked === address.enabled) {
      setAsked(null);
    }
  }, [asked, address.enabled]);
  const turn = async (enabled: boolean) => {
    setAsked(enabled);
    if ((await run({ noticeId: address.id, enabled })) === null) {
      setAsked(null);
    } else {
      showToast({ message: t(enabled ? "on" : "off", { name: address.name }) });
    }
  };
  return (
    <Switch
      checked={asked ?? address.enabled}
      pending={busy}
      label={t("switch", { name: address.name })}
      onCheckedChange={(enabled) => void turn(enabled)}
    />
  );
}
