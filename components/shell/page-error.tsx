"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useEffectEvent, useTransition } from "react";
import { ErrorBand } from "../kit/error-band.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";

const RETRY_EVERY_MS = 10_000;

interface PageErrorProps {
  requestId: string | null;
  /** What is wrong, where the server knows; else that nobody does. */
  title?: string;
  body?: string;
  /** Present where the browser met the error, not the server. */
  reset?: () => void;
  /** By default the band is the whole page; else it stands below a heading. */
  heading?: boolean;
  /** What would be here while it is read; else a shadow of a list. */
  ghost?: ReactNode;
}

/** A page that could not be made: what goes on regardless, the request id, and another try, by itself every ten seconds. */
export function PageError({ requestId, title, body, reset, heading = true, ghost }: PageErrorProps) {
  const t = useTranslations("common");
  const router = useRouter();
  const [retrying, startRetry] = useTransition();
  const retry = () =>
    startRetry(() => {
      router.refresh();
      reset?.();
    });
  const retryIfSeen = useEffectEvent(() => {
    if (!retrying && document.visibilityState === "visible") {
      retry();
    }
  });
  useEffect(() => {
    const timer = setInterval(() => retryIfSeen(), RETRY_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      <ErrorBand
        heading={heading}
        title={title ?? t("error.title")}
        body={body ?? t("error.body")}
        requestId={requestId}
        onRetry={retry}
        retrying={retrying}
      />
      {/* Where the page says what is wrong, the band above need not (trouble-band.tsx). */}
      <div inert data-trouble-told={title === undefined ? undefined : ""} className="contents">
        {ghost ?? <Ghost />}
      </div>
    </>
  );
}

/** What would be here, as a shadow of a list. */
function Ghost() {
  return (
    <table className="ledger w-full table-fixed border-separate border-spacing-0">
      <tbody>
        <SkeletonRows columns={5} rows={9} />
      </tbody>
    </table>
  );
}
