"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import { Button } from "../kit/button.tsx";
import { lazily } from "../kit/lazily.tsx";

const AddressDialog = lazily(() => import("./address-dialog.tsx").then((module) => module.AddressDialog), {
  layer: true,
});

/** `icon`: drawn on the server. */
export function NewAddress({ instances, icon }: { instances: readonly InstanceOption[]; icon: ReactNode }) {
  const t = useTranslations("notices");
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="primary" data-key="n" icon={icon} onClick={() => setOpen(true)}>
        {t("new")}
      </Button>
      {open ? <AddressDialog address={null} instances={instances} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
