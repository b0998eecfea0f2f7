"use client";

import { createContext, useContext } from "react";

interface FieldContextValue {
  id: string;
  describedBy: string;
  invalid: boolean;
  required: boolean;
}

/** What a field tells the control inside it; `Field` and `FieldPart` say it. */
export const FieldContext = createContext<FieldContextValue | null>(null);

/** Attributes for the control of the field around it; empty outside of one. */
export function useFieldControl(): {
  id?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
  "aria-required"?: true;
} {
  const field = useContext(FieldContext);
  if (!field) {
    return {};
  }
  return {
    id: field.id,
    "aria-describedby": field.describedBy,
    ...(field.invalid ? { "aria-invalid": true as const } : {}),
    ...(field.required ? { "aria-required": true as const } : {}),
  };
}
