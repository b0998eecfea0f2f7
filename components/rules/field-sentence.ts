import { useTranslations } from "next-intl";
import type { FieldError } from "@/lib/schemas/action-state.ts";

/** The sentence beside a refused field; patterns say which character and why. */
export function useFieldSentence(): (error: FieldError | undefined) => string | undefined {
  const validation = useTranslations("validation");
  const pattern = useTranslations("pattern");
  const errors = useTranslations("errors");
  return (error) => {
    if (!error) {
      return;
    }
    const { key, values = {} } = error;
    if (key === "pattern-syntax" || key === "pattern-unsupported") {
      return pattern(key.slice("pattern-".length), { ...values, reason: pattern(String(values.reason)) });
    }
    if (validation.has(key)) {
      return validation(key, values);
    }
    return errors.has(key) ? errors(key, values) : validation("invalid");
  };
}
