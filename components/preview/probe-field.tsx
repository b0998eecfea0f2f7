"use client";

import { Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { useDeferredValue, useId, useState } from "react";
import { lazily } from "../kit/lazily.tsx";
import { loadRuleCheck } from "../rules/rule-check.ts";
import type { ProbeAnswerProps } from "./probe-answer.tsx";

const ProbeAnswer = lazily(() => import("./probe-answer.tsx").then((module) => module.ProbeAnswer));

/** "Why not": a typed name, and where its matching stops. */
export function ProbeField({ question, source }: Omit<ProbeAnswerProps, "text">) {
  const t = useTranslations("preview.probe");
  const id = useId();
  const [typed, setTyped] = useState("");
  const text = useDeferredValue(typed);
  return (
    <div className="control flex-wrap gap-y-0 py-1">
      <Search aria-hidden className="size-3.5 shrink-0 text-ink-3" />
      <input
        value={typed}
        spellCheck={false}
        autoComplete="off"
        aria-label={t("label")}
        aria-describedby={id}
        placeholder={t("placeholder")}
        onFocus={loadRuleCheck}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
            event.preventDefault();
          }
        }}
        className="h-6 min-w-[180px] font-mono text-[12px] max-md:h-9"
      />
      <span id={id} role="status" className="ml-auto text-meta text-slate-fg wrap-anywhere">
        {text === "" ? null : <ProbeAnswer question={question} source={source} text={text} />}
      </span>
    </div>
  );
}
