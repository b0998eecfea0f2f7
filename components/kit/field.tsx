"use client";

import clsx from "clsx";
import { useTranslations } from "next-intl";
import { type ReactNode, useContext, useId, useMemo } from "react";
import { FieldContext } from "./field-control.ts";

interface FieldProps {
  label: ReactNode;
  /** Beneath the field; an error takes its place, so nothing jumps. */
  hint?: ReactNode;
  error?: ReactNode;
  required?: boolean;
  /**
   * `row`: label left (forms on a page). `stacked`: label above (sign-in, dialogs). `inline`: beside another field; the
   * control shows the label inside itself, as `InlineLabel`.
   */
  layout?: keyof typeof LAYOUT;
  children: ReactNode;
}

const LAYOUT = {
  row: "grid items-start gap-x-3 pb-1 md:grid-cols-[var(--label-w)_minmax(0,1fr)]",
  stacked: "grid gap-1.5 pb-3.5",
  inline: "min-w-0",
} as const;
const LABEL = {
  row: "py-1.5 text-ink-2 max-md:py-1",
  stacked: "font-medium",
  inline: "sr-only",
} as const;

function Star() {
  return (
    <span aria-hidden className="ml-0.5 text-cinnabar-fg">
      {"*"}
    </span>
  );
}

/** The label of an `inline` field where people see it; the field's own label is the one that is read out. */
export function InlineLabel({ children, required = false }: { children: ReactNode; required?: boolean }) {
  return (
    <span aria-hidden className="shrink-0 text-ink-3">
      {children}
      {required ? <Star /> : null}
    </span>
  );
}

/** Ties label, hint and error to the control inside, which asks `useFieldControl`. */
export function Field({ label, hint, error, required = false, layout = "row", children }: FieldProps) {
  const id = useId();
  const t = useTranslations("common");
  const describedBy = `${id}-note`;
  const invalid = Boolean(error);
  // The same as long as it says the same: parts inside whose scripts are on their way must hear of nothing new (lazily.tsx).
  const value = useMemo(() => ({ id, describedBy, invalid, required }), [id, describedBy, invalid, required]);
  return (
    <div className={LAYOUT[layout]}>
      <label htmlFor={id} className={LABEL[layout]}>
        {label}
        {required ? (
          <>
            <Star />
            <span className="sr-only">{t("field.required")}</span>
          </>
        ) : null}
      </label>
      <div className="min-w-0">
        <FieldContext value={value}>{children}</FieldContext>
        <div
          id={describedBy}
          className={clsx("min-h-5 pt-1 text-meta", error ? "text-cinnabar-fg" : "text-ink-3")}
        >
          {error ?? hint}
        </div>
      </div>
    </div>
  );
}

/** One of several controls in a field: it has a label of its own, which is read out, and shares the note of the field. */
export function FieldPart({
  label,
  invalid,
  children,
}: {
  label: string;
  invalid: boolean;
  children: ReactNode;
}) {
  const id = useId();
  const around = useContext(FieldContext);
  return (
    <>
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      <FieldContext value={{ id, describedBy: around?.describedBy ?? "", invalid, required: true }}>
        {children}
      </FieldContext>
    </>
  );
}
