"use client";

import { lazily } from "../kit/lazily.tsx";

// Every page carries this file and hardly any shows it.
export const PageError = lazily(() => import("./page-error.tsx").then((module) => module.PageError));

interface ErrorPageProps {
  error: Error & { digest?: string };
  reset: () => void;
}

/** For what fails beside the page itself (app/console-page.tsx): its layout, or what the browser renders. */
export function ErrorPage({ error, reset }: ErrorPageProps) {
  return <PageError requestId={error.digest ?? null} reset={reset} />;
}
