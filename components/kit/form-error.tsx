"use client";

import { useTranslations } from "next-intl";
import type { ActionState } from "@/lib/schemas/action-state.ts";
import { Note } from "./note.tsx";

/** The sentence for a refused action, or null. Field errors stand beside their fields instead. */
export function useActionError(state: ActionState<unknown>): string | null {
  const t = useTranslations("errors");
  if (state.status !== "error" || (state.code === "INVALID" && Object.keys(state.fields).length > 0)) {
    return null;
  }
  return t.has(state.reason)
    ? t(state.reason, { id: state.requestId, ...state.values })
    : t("unknown", { id: state.requestId });
}

export function FormError({ state, className }: { state: ActionState<unknown>; className?: string }) {
  const sentence = useActionError(state);
  return sentence ? (
    <Note tone="cinnabar" role="alert" className={className}>
      {sentence}
    </Note>
  ) : null;
}

/** The sentence of each refused field, by its path. */
export function useFieldErrors(state: ActionState<unknown>): (path: string) => string | undefined {
  const t = useTranslations("validation");
  return (path) => {
    const error = state.status === "error" ? state.fields[path] : undefined;
    if (!error) {
      return;
    }
    return t.has(error.key) ? t(error.key, error.values ?? {}) : t("invalid");
  };
}
