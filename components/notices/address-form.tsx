"use client";

import { useLocale, useTranslations } from "next-intl";
import { type ComponentProps, useState } from "react";
import { flushSync } from "react-dom";
import type { ActionState } from "@/lib/schemas/action-state.ts";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import type { NoticeAddressRow } from "@/lib/schemas/notice.ts";
import { LOCALES, NOTICE_KINDS, type NoticeKind } from "@/lib/schemas/words.ts";
import { Button } from "../kit/button.tsx";
import { Checkbox } from "../kit/checkbox.tsx";
import { DialogButtons } from "../kit/dialog-buttons.tsx";
import { Field } from "../kit/field.tsx";
import { FormError, useFieldErrors } from "../kit/form-error.tsx";
import { Input, SecretInput } from "../kit/input.tsx";
import { Segmented } from "../kit/segmented.tsx";
import { Select } from "../kit/select.tsx";
import { InstanceChoice } from "./instance-choice.tsx";
import { NoticeConflict } from "./notice-conflict.tsx";

interface AddressFormProps {
  address: NoticeAddressRow | null;
  instances: readonly InstanceOption[];
  state: ActionState<unknown>;
  pending: boolean;
  form: ComponentProps<"form">;
  onName?: (name: string) => void;
  onClose: () => void;
}

/** The kind is chosen once: another one would be another address. */
export function AddressForm(props: AddressFormProps) {
  const { address, instances, state, pending, form, onName, onClose } = props;
  const t = useTranslations("notices.form");
  const common = useTranslations("common");
  const kinds = useTranslations("notices.kind");
  const languages = useTranslations("common.language");
  const locale = useLocale();
  const error = useFieldErrors(state);
  // Of what the fields were filled with: a page that is made anew meanwhile must not pass an older text for a newer one.
  const [version, setVersion] = useState(address?.version ?? 0);
  const overtaken = state.status === "error" && state.reason === "notice-changed" ? state : null;
  const [kind, setKind] = useState<NoticeKind>(address?.kind ?? "wecom");
  const [language, setLanguage] = useState(
    address?.locale ?? LOCALES.find((each) => each === locale) ?? "zh-CN",
  );
  return (
    <form {...form} className="mt-4">
      {address ? (
        <>
          <input type="hidden" name="noticeId" value={address.id} />
          <input type="hidden" name="version" value={version} />
        </>
      ) : (
        <Field layout="stacked" label={t("kind")} error={error("kind")}>
          <Select
            name="kind"
            value={kind}
            onValueChange={(value) => setKind(value as NoticeKind)}
            className="w-full"
            options={NOTICE_KINDS.map((value) => ({ value, label: kinds(value) }))}
          />
        </Field>
      )}
      <Field layout="stacked" label={t("name")} required hint={t("nameHint")} error={error("name")}>
        <Input
          name="name"
          defaultValue={address?.name}
          onChange={(event) => onName?.(event.target.value.trim())}
        />
      </Field>
      <Field
        layout="stacked"
        label={t("url")}
        required={address === null}
        hint={address ? t("urlKeep", { host: address.urlHost, hint: address.urlHint }) : t(`urlHint.${kind}`)}
        error={error("url")}
      >
        <SecretInput name="url" mono inputMode="url" />
      </Field>
      {kind === "dingtalk" || kind === "feishu" ? (
        <SigningKey kind={kind} address={address} error={error("secret")} />
      ) : null}
      <Field layout="stacked" label={t("locale")}>
        <Segmented
          name="locale"
          value={language}
          onValueChange={setLanguage}
          options={LOCALES.map((value) => ({ value, label: languages(value) }))}
        />
      </Field>
      <Checkbox name="failuresOnly" defaultChecked={address?.failuresOnly ?? false} hint={t("failuresHint")}>
        {t("failuresOnly")}
      </Checkbox>
      <InstanceChoice address={address} instances={instances} error={error("instanceIds")} />
      {kind === "generic" && address === null ? (
        <p className="mt-1 text-ink-3 text-meta">{t("generated")}</p>
      ) : null}
      {address && overtaken ? (
        <NoticeConflict
          key={overtaken.requestId}
          user={String(overtaken.values.user)}
          version={version}
          latest={address}
          instances={instances}
          onTheirs={onClose}
          onMine={(latest, form) => {
            flushSync(() => setVersion(latest));
            form?.requestSubmit();
          }}
        />
      ) : (
        <FormError state={state} />
      )}
      <DialogButtons>
        <Button variant="quiet" onClick={onClose}>
          {common("cancel")}
        </Button>
        {/* Whose counts is asked above. */}
        <Button type="submit" variant={overtaken ? "plain" : "primary"} busy={pending} busyLabel={t("busy")}>
          {t(address ? "submitEdit" : "submitCreate")}
        </Button>
      </DialogButtons>
    </form>
  );
}

interface SigningKeyProps {
  kind: "dingtalk" | "feishu";
  address: NoticeAddressRow | null;
  error: string | undefined;
}

function SigningKey({ kind, address, error }: SigningKeyProps) {
  const t = useTranslations("notices.form");
  const hint = address?.secretHint;
  return (
    <>
      <Field
        layout="stacked"
        label={t(`secret.${kind}`)}
        hint={hint ? t("secretKeep", { hint }) : t(`secretHint.${kind}`)}
        error={error}
      >
        <SecretInput name="secret" mono />
      </Field>
      {hint ? <Checkbox name="withoutSecret">{t(`withoutSecret.${kind}`)}</Checkbox> : null}
    </>
  );
}
