"use client";

import { Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "../kit/button.tsx";
import { lazily } from "../kit/lazily.tsx";

const CreateUserDialog = lazily(
  () => import("./create-user-dialog.tsx").then((module) => module.CreateUserDialog),
  { layer: true },
);

export function CreateUser() {
  const t = useTranslations("users.create");
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="primary" data-key="n" icon={<Plus aria-hidden />} onClick={() => setOpen(true)}>
        {t("action")}
      </Button>
      {open ? <CreateUserDialog onOpenChange={setOpen} /> : null}
    </>
  );
}
