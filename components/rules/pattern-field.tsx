"use client";

import clsx from "clsx";
import { OctagonX } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, type UIEvent, useEffect, useRef, useState } from "react";
import type { errorSpan, Suggestion } from "@/lib/pattern/suggestion.ts";
import type { FieldError } from "@/lib/schemas/action-state.ts";
import { Field } from "../kit/field.tsx";
import { useFieldControl } from "../kit/field-control.ts";
import { useFieldSentence } from "./field-sentence.ts";
import { PatternText } from "./pattern-text.tsx";
import { useRuleCheck } from "./rule-check.ts";

const CHECK_MS = 150;

interface PatternFieldProps {
  label: string;
  hint: ReactNode;
  placeholder: string;
  value: string;
  error: FieldError | undefined;
  onChange: (value: string) => void;
  /** Checks it: when it is left, and 150 ms after the last key. */
  check: () => void;
}

/** An RE2 expression with its parts coloured: an error is underlined where it is, and corrected where that is plain. */
export function PatternField({ label, hint, placeholder, value, error, onChange, check }: PatternFieldProps) {
  const sentence = useFieldSentence();
  const input = useRef<HTMLInputElement>(null);
  useChecked(value, check);
  const engine = useRuleCheck();
  const compiled = engine?.compile(value);
  const wrong = error && compiled?.ok === false ? compiled.error : null;
  const fix = (engine && (wrong || compiled?.ok) && engine.suggest(value, wrong)) || null;
  const apply = (fixed: string) => {
    onChange(fixed);
    input.current?.focus();
  };
  const action = fix ? <Fix fix={fix} onApply={apply} /> : null;
  return (
    <Field
      label={label}
      hint={fix && !wrong ? action : hint}
      error={
        error ? (
          <span className="flex items-start gap-1.5">
            <OctagonX aria-hidden className="mt-0.5 size-3.5 shrink-0 stroke-[1.75]" />
            <span className="min-w-0 flex-1">
              {sentence(error)} {action}
            </span>
          </span>
        ) : undefined
      }
    >
      <PatternInput
        input={input}
        value={value}
        wrongAt={wrong && engine ? engine.spanOf(value, wrong) : null}
        placeholder={placeholder}
        onChange={onChange}
        onBlur={check}
      />
    </Field>
  );
}

interface PatternInputProps {
  input: React.RefObject<HTMLInputElement | null>;
  value: string;
  /** Where it does not compile. */
  wrongAt: ReturnType<typeof errorSpan> | null;
  placeholder: string;
  onChange: (value: string) => void;
  onBlur: () => void;
}

/**
 * The input itself has the caret, the selection and the text that is read out; its letters are transparent, and the same
 * letters in colour lie over it, moved along with it.
 */
function PatternInput({ input, value, wrongAt, placeholder, onChange, onBlur }: PatternInputProps) {
  const t = useTranslations("rules.form");
  const field = useFieldControl();
  const [scrolled, setScrolled] = useState(0);
  const follow = (event: UIEvent<HTMLInputElement>) => setScrolled(event.currentTarget.scrollLeft);
  return (
    <span data-invalid={field["aria-invalid"] ? true : undefined} className="control h-8 max-md:min-h-11">
      <span className="relative h-full min-w-0 flex-1">
        <input
          {...field}
          ref={input}
          value={value}
          placeholder={placeholder}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
          onScroll={follow}
          onSelect={follow}
          onBlur={onBlur}
          className={clsx(
            "pattern-input size-full bg-transparent font-mono text-[12px] outline-none",
            value !== "" && "text-transparent forced-colors:text-[CanvasText]",
          )}
        />
        <span
          aria-hidden
          className="pointer-events-none absolute inset-0 flex items-center overflow-hidden forced-colors:hidden"
        >
          <span
            className="font-mono text-[12px] whitespace-pre"
            style={{ transform: `translateX(${-scrolled}px)` }}
          >
            <PatternText source={value} wrong={wrongAt} />
          </span>
        </span>
      </span>
      <span className="font-mono text-[11px] text-ink-3" title={t("re2")}>
        {"RE2"}
      </span>
    </span>
  );
}

function Fix({ fix, onApply }: { fix: Suggestion; onApply: (fixed: string) => void }) {
  const t = useTranslations("preview.fix");
  return (
    <span className="inline-flex flex-wrap gap-x-2">
      <span>{t(fix.reason)}</span>
      <button
        type="button"
        className="link min-h-6 font-normal!"
        aria-label={t("applyTo", { fixed: fix.fixed })}
        title={fix.fixed}
        onClick={() => onApply(fix.fixed)}
      >
        {t("apply")}
      </button>
    </span>
  );
}

/** Checks 150 ms after the last key; what stood there at first is checked when the form is. */
function useChecked(value: string, check: () => void): void {
  const last = useRef(value);
  const latest = useRef(check);
  useEffect(() => {
    latest.current = check;
  });
  useEffect(() => {
    if (last.current === value) {
      return;
    }
    last.current = value;
    const timer = setTimeout(() => latest.current(), CHECK_MS);
    return () => clearTimeout(timer);
  }, [value]);
}
