"use client";

import clsx from "clsx";
import { Check, CircleDashed } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, useRef, useState } from "react";
import {
  holdsUserName,
  PASSWORD_MIN_CHARS,
  type PasswordFacts,
  passwordStrength,
} from "@/lib/schemas/password.ts";
import { Field } from "../kit/field.tsx";
import { SecretInput } from "../kit/input.tsx";

type CommonCheck = (password: string) => boolean;

interface NewPasswordFieldProps {
  label: ReactNode;
  error?: ReactNode;
  name?: string;
  layout?: "row" | "stacked";
  size?: "sm" | "md" | "lg";
}

/**
 * A password that is being chosen, with what is asked of it and how far it has come. The user name is read from the field
 * `username` of the same form. The list of common passwords is fetched when the field is first entered.
 */
export function NewPasswordField({
  label,
  error,
  name = "password",
  layout = "stacked",
  size,
}: NewPasswordFieldProps) {
  const [typed, setTyped] = useState({ password: "", username: "" });
  const isCommon = useCommonPasswords();
  const facts: PasswordFacts = {
    long: typed.password.length >= PASSWORD_MIN_CHARS,
    nameless: typed.password === "" ? null : !holdsUserName(typed.password, typed.username),
    uncommon:
      typed.password.length < PASSWORD_MIN_CHARS
        ? null
        : ((isCommon.check && !isCommon.check(typed.password)) ?? null),
  };
  const hints = <Hints typed={typed.password} facts={facts} />;
  // What is asked for stays in sight while the refusal is mended.
  const refusal = error ? (
    <>
      {hints}
      <span className="block pt-1">{error}</span>
    </>
  ) : undefined;
  return (
    <Field layout={layout} label={label} required error={refusal} hint={hints}>
      <SecretInput
        name={name}
        size={size}
        onFocus={isCommon.load}
        onChange={(event) =>
          setTyped({ password: event.target.value, username: userNameIn(event.target.form) })
        }
      />
    </Field>
  );
}

function userNameIn(form: HTMLFormElement | null): string {
  const field = form?.elements.namedItem("username");
  return field instanceof HTMLInputElement ? field.value : "";
}

function useCommonPasswords(): { check: CommonCheck | null; load: () => void } {
  const [check, setCheck] = useState<CommonCheck | null>(null);
  const asked = useRef(false);
  const load = () => {
    if (!asked.current) {
      asked.current = true;
      import("@/lib/schemas/common-passwords.ts").then(
        ({ isCommonPassword }) => setCheck(() => isCommonPassword),
        // The server knows the list too; here it only hints.
        () => undefined,
      );
    }
  };
  return { check, load };
}

function Hints({ typed, facts }: { typed: string; facts: PasswordFacts }) {
  const t = useTranslations("auth.newPassword");
  const strength = passwordStrength(typed, facts);
  return (
    <>
      <span aria-hidden="true" className="mb-1.5 grid grid-cols-4 gap-1">
        {[1, 2, 3, 4].map((step) => (
          <i
            key={step}
            className={clsx(
              "h-[3px]",
              step > strength ? "bg-line" : strength === 1 ? "bg-gamboge-fill" : "bg-malachite-fill",
            )}
          />
        ))}
      </span>
      <span className="flex flex-wrap gap-x-3.5 gap-y-0.5 text-ink-3">
        <Hint met={facts.long}>{t("long")}</Hint>
        <Hint met={facts.nameless === true}>{t("nameless")}</Hint>
        <Hint met={facts.uncommon === true}>{t("uncommon")}</Hint>
      </span>
      {strength > 0 ? <span className="sr-only">{t("strength", { n: strength })}</span> : null}
    </>
  );
}

function Hint({ met, children }: { met: boolean; children: string }) {
  const Icon = met ? Check : CircleDashed;
  return (
    <span className={clsx("inline-flex items-center gap-1.5", met && "text-malachite-fg")}>
      <Icon aria-hidden className="size-3 stroke-[1.9]" />
      {children}
    </span>
  );
}
