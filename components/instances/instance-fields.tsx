"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import type { ActionState } from "@/lib/schemas/action-state.ts";
import type { InstanceRow } from "@/lib/schemas/instance.ts";
import { VENDORS, type Vendor } from "@/lib/schemas/words.ts";
import { Checkbox } from "../kit/checkbox.tsx";
import { Field } from "../kit/field.tsx";
import { useFieldErrors } from "../kit/form-error.tsx";
import { Input, SecretInput, Textarea } from "../kit/input.tsx";
import { Note } from "../kit/note.tsx";
import { Select } from "../kit/select.tsx";
import { derivedName } from "./derived-name.ts";

interface FieldsProps {
  /** What is stored; absent for a new instance. */
  instance?: InstanceRow;
  state: ActionState<unknown>;
}

/** Follows the address until somebody types a name: one field less to fill. */
export function NameField({ instance, state, address }: FieldsProps & { address: string }) {
  const t = useTranslations("instances.form");
  const error = useFieldErrors(state);
  const [typed, setTyped] = useState(instance?.name ?? null);
  return (
    <Field label={t("name")} required hint={t("nameHint")} error={error("name")}>
      <Input
        name="name"
        value={typed ?? derivedName(address)}
        onChange={(event) => setTyped(event.target.value)}
      />
    </Field>
  );
}

interface AddressInputProps {
  name: string;
  value: string;
  onValue: (value: string) => void;
  placeholder?: string;
}

function AddressInput({ onValue, ...rest }: AddressInputProps) {
  return (
    <Input
      mono
      onChange={(event) => onValue(event.target.value)}
      inputMode="url"
      autoCapitalize="none"
      {...rest}
    />
  );
}

interface AddressFieldProps extends FieldsProps {
  address: string;
  onAddress: (address: string) => void;
}

/** Where the registry is. Whoever writes http:// is asked at once whether that is meant. */
export function AddressField({ instance, state, address, onAddress }: AddressFieldProps) {
  const t = useTranslations("instances.form");
  const error = useFieldErrors(state);
  const [plainHttp, setPlainHttp] = useState(instance?.plainHttp ?? false);
  const asked = plainHttp || /^\s*http:\/\//i.test(address);
  return (
    <>
      <Field label={t("address")} required hint={t("addressHint")} error={error("address")}>
        <AddressInput
          name="address"
          value={address}
          onValue={onAddress}
          placeholder="https://registry.example.com"
        />
      </Field>
      {asked ? (
        <div className="mb-2 md:ml-[calc(var(--label-w)+12px)]">
          <Checkbox
            name="plainHttp"
            checked={plainHttp}
            onCheckedChange={setPlainHttp}
            error={error("plainHttp")}
          >
            {t("plainHttp")}
          </Checkbox>
          <Note tone="gamboge">{t("plainHttpWarning")}</Note>
        </div>
      ) : null}
    </>
  );
}

/** The password is write-only: it is never shown again, and moving the address asks for it anew. */
export function CredentialFields({ instance, state, moved }: FieldsProps & { moved: boolean }) {
  const t = useTranslations("instances.form");
  const error = useFieldErrors(state);
  const stored = instance?.hasPassword ?? false;
  const hint = !stored ? t("passwordHint") : moved ? t("passwordMoved") : t("passwordStored");
  return (
    <>
      <Field label={t("username")} hint={t("usernameHint")} error={error("username")}>
        <Input name="username" mono defaultValue={instance?.username ?? ""} autoCapitalize="none" />
      </Field>
      <Field
        label={t("password")}
        required={stored && moved}
        hint={stored && moved ? <span className="text-gamboge-fg">{hint}</span> : hint}
        error={error("password")}
      >
        <SecretInput name="password" placeholder={stored && !moved ? t("passwordKept") : undefined} />
      </Field>
    </>
  );
}

/** What the connection test made of the registry. */
export interface VendorGuess {
  vendor: Vendor;
  software: string;
}

const AUTO = "auto";

interface MoreFieldsProps extends FieldsProps {
  guess: VendorGuess | null;
  charts: string;
  onCharts: (address: string) => void;
}

/** What has a good default, or is not there: charts, region, type, certificate. */
export function MoreFields({ instance, state, guess, charts, onCharts }: MoreFieldsProps) {
  const t = useTranslations("instances");
  const error = useFieldErrors(state);
  const [vendor, setVendor] = useState<string>(instance?.vendor ?? AUTO);
  const automatic = vendor === AUTO;
  return (
    <>
      <Field label={t("form.charts")} hint={t("form.chartsHint")} error={error("chartsAddress")}>
        <AddressInput name="chartsAddress" value={charts} onValue={onCharts} />
      </Field>
      <Field label={t("region")} hint={t("form.regionHint")} error={error("region")}>
        <Input name="region" defaultValue={instance?.region} />
      </Field>
      <input type="hidden" name="vendor" value={automatic ? (guess?.vendor ?? "generic") : vendor} />
      <Field
        label={t("vendor")}
        hint={
          automatic && guess ? t("form.vendorGuessed", { software: guess.software }) : t("form.vendorHint")
        }
        error={error("vendor")}
      >
        <Select
          value={vendor}
          onValueChange={setVendor}
          className="w-full"
          options={[
            ...(instance
              ? []
              : [{ value: AUTO, label: t("form.vendorAuto"), note: t("form.vendorAutoNote") }]),
            ...VENDORS.map((value) => ({
              value,
              label: t(`vendors.${value}`),
              note: t(`vendorNotes.${value}`),
            })),
          ]}
        />
      </Field>
      <Field label={t("form.certificate")} hint={t("form.certificateHint")} error={error("caCertificate")}>
        <Textarea
          name="caCertificate"
          mono
          rows={4}
          defaultValue={instance?.caCertificate ?? ""}
          placeholder="-----BEGIN CERTIFICATE-----"
        />
      </Field>
    </>
  );
}
