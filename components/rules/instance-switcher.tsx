"use client";

import { ChevronsUpDown } from "lucide-react";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect } from "react";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import { LAST_INSTANCE_COOKIE } from "@/lib/schemas/last-instance.ts";
import { keepInBrowser } from "../kit/browser-cookie.ts";
import { HealthShape } from "../kit/health-mark.tsx";
import { InstancePicker } from "../live/instance-picker.tsx";
import { UnhealthyWord } from "./unhealthy-word.tsx";

/** 实例名称: which instance the page is about. Everything else of the URL but the tab starts anew. */
export function InstanceSwitcher({ current }: { current: InstanceOption }) {
  const t = useTranslations("rules.switcher");
  const router = useRouter();
  const pathname = usePathname();
  const view = useSearchParams().get("view");
  useEffect(() => {
    // The server opens it where the URL names none; whether one may see it is asked there.
    keepInBrowser(LAST_INSTANCE_COOKIE, current.id);
  }, [current.id]);
  const choose = (id: string) => {
    router.push(`${pathname}?instance=${id}${view ? `&view=${view}` : ""}`);
  };
  return (
    <div className="flex min-w-0 items-center gap-2 max-md:order-last max-md:w-full">
      {/* Part of the button's own name: what is read out is what is seen. */}
      <span aria-hidden className="whitespace-nowrap text-meta text-ink-3 max-md:hidden">
        {t("label")}
      </span>
      <InstancePicker
        label={t("label")}
        current={current.id}
        trigger={{
          ...KEY,
          className: "control h-8 w-[336px] text-left max-md:min-h-11 max-md:w-full",
          children: (
            <>
              <span className="sr-only">{t("label")} </span>
              <CurrentInstance current={current} />
            </>
          ),
        }}
        onChoose={choose}
      />
    </div>
  );
}

/** Presses it. */
const KEY = { "data-key": "i" };

function CurrentInstance({ current }: { current: InstanceOption }) {
  return (
    <>
      <HealthShape status={current.health} />
      <span className="whitespace-nowrap font-medium">{current.name}</span>
      <code className="min-w-0 truncate text-ink-3">{current.host}</code>
      <UnhealthyWord option={current} />
      <ChevronsUpDown aria-hidden className="ml-auto size-3.5 shrink-0 text-ink-3" />
    </>
  );
}
