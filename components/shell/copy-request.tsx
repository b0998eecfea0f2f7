"use client";

import { Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "../kit/button.tsx";
import { useCopy } from "../kit/copy-button.tsx";

/** Copies a request that can be pasted to whoever gives grants. */
export function CopyRequest({ user, instance, grant }: { user: string; instance: string; grant: string }) {
  const t = useTranslations("common");
  const { copied, copy } = useCopy();
  return (
    <Button
      variant="primary"
      icon={<Copy aria-hidden />}
      onClick={() => copy(t("forbidden.request", { user, instance, grant, page: window.location.href }))}
    >
      {copied ? t("forbidden.copied") : t("forbidden.copy")}
    </Button>
  );
}
