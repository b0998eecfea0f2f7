"use client";

import { OctagonX, RefreshCw } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { CopyButton } from "./copy-button.tsx";

interface ErrorBandProps {
  title: ReactNode;
  /** What goes on regardless, and what to do. */
  body: ReactNode;
  requestId?: string | null;
  /** Short facts beside the request id: when, the status, how old the copy below is. */
  facts?: readonly string[];
  /** The band is the whole page: its title is the heading. */
  heading?: boolean;
  onRetry?: () => void;
  retrying?: boolean;
}

/** A failed load, above whatever is still there. */
export function ErrorBand(props: ErrorBandProps) {
  const { title, body, requestId, facts = [], heading = false, onRetry, retrying } = props;
  const t = useTranslations("common");
  return (
    <div
      role="alert"
      className="flex shrink-0 flex-wrap items-start gap-x-3 gap-y-2 bg-cinnabar-soft px-6 py-3 max-md:px-4"
    >
      <OctagonX aria-hidden className="mt-0.5 size-4 shrink-0 stroke-[1.75] text-cinnabar-fg" />
      <div className="min-w-0 flex-1">
        {heading ? (
          <h1 className="font-medium text-[13px] leading-5">{title}</h1>
        ) : (
          <div className="font-medium">{title}</div>
        )}
        <div className="wrap-anywhere text-balance break-keep text-ink-2">{body}</div>
        {requestId || facts.length > 0 ? (
          <div className="facts mt-1 text-ink-2 text-meta">
            {requestId ? (
              <span className="flex items-center gap-1">
                <span className="wrap-anywhere">
                  {t.rich("requestIdRich", { id: requestId, code: (chunks) => <code>{chunks}</code> })}
                </span>
                <CopyButton value={requestId} label={t("copy.requestId")} />
              </span>
            ) : null}
            {facts.map((fact) => (
              <span key={fact}>{fact}</span>
            ))}
          </div>
        ) : null}
      </div>
      {onRetry ? (
        <div className="max-md:w-full max-md:pl-7">
          <Button icon={<RefreshCw aria-hidden />} onClick={onRetry} busy={retrying}>
            {t("retry")}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
