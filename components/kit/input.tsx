"use client";

import clsx from "clsx";
import { Eye, EyeOff, Lock } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ComponentProps, type ReactNode, useState } from "react";
import { useFieldControl } from "./field-control.ts";

const HEIGHT = { sm: "h-7", md: "h-8", lg: "h-10" } as const;

interface InputProps extends Omit<ComponentProps<"input">, "size"> {
  size?: keyof typeof HEIGHT;
  /** Code face, for patterns, addresses and names of repositories. */
  mono?: boolean;
  before?: ReactNode;
  after?: ReactNode;
}

export function Input({ size = "md", mono, before, after, className, readOnly, ...rest }: InputProps) {
  const field = useFieldControl();
  const invalid = rest["aria-invalid"] ?? field["aria-invalid"];
  return (
    <span
      data-invalid={invalid ? true : undefined}
      data-readonly={readOnly || undefined}
      className={clsx("control max-md:min-h-11", HEIGHT[size], className)}
    >
      {before}
      <input
        autoComplete="off"
        spellCheck={false}
        {...field}
        {...rest}
        readOnly={readOnly}
        // Not by a height: Chromium centres an input that has one by the taller line of Chinese, 2 px too low.
        className={clsx("self-stretch", mono && "font-mono text-[12px]")}
      />
      {after}
      {readOnly ? <Lock aria-hidden className="size-3.5 text-ink-3" /> : null}
    </span>
  );
}

interface TextareaProps extends ComponentProps<"textarea"> {
  mono?: boolean;
}

export function Textarea({ mono, className, ...rest }: TextareaProps) {
  const field = useFieldControl();
  return (
    <textarea
      rows={3}
      spellCheck={false}
      {...field}
      {...rest}
      className={clsx(
        "control block! w-full resize-y py-1.5! leading-5",
        mono && "font-mono text-[12px]",
        className,
      )}
    />
  );
}

/** A secret: hidden, to be shown on request, never filled from the server. */
export function SecretInput({ after, ...rest }: InputProps) {
  const t = useTranslations("common");
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <Input
      autoComplete="new-password"
      {...rest}
      type={shown ? "text" : "password"}
      after={
        <>
          {after}
          <button
            type="button"
            aria-label={shown ? t("secret.hide") : t("secret.show")}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
            className="-mr-1 flex size-6 items-center justify-center text-ink-3 hover:text-ink max-md:size-10"
          >
            <Icon aria-hidden className="size-4" />
          </button>
        </>
      }
    />
  );
}
