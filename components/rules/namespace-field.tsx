"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Combobox } from "../kit/combobox.tsx";
import type { ComboboxOption } from "../kit/combobox-list.tsx";
import { Field, InlineLabel } from "../kit/field.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { useQuery } from "../live/query.tsx";
import { ROOT } from "./rule-draft.ts";

type Namespaces = { namespaces: string[]; truncated: boolean } | { namespaces: null };

/** Namespaces of an instance as its registry lists them; null where it cannot, undefined while it is asked. */
function useNamespaces(instanceId: string, enabled: boolean): string[] | null | undefined {
  const { data, isError } = useQuery({
    queryKey: ["namespaces", instanceId],
    queryFn: ({ signal }) => fetchJson<Namespaces>(`/api/instances/${instanceId}/namespaces`, signal),
    enabled: enabled && instanceId !== "",
    staleTime: 60_000,
    retry: false,
  });
  return isError ? null : data?.namespaces;
}

interface NamespaceFieldProps {
  label: string;
  /** Null: what it would say stands at a field like this one above. */
  hint: ReactNode;
  placeholder: string;
  instanceId: string;
  /** Listing needs manage at the instance; without it the name is typed. */
  mayList: boolean;
  required?: boolean;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
  onBlur: () => void;
}

/** Chosen from what the registry lists, or typed: a list is a help, never a limit. */
export function NamespaceField({
  label,
  hint,
  placeholder,
  instanceId,
  mayList,
  required = false,
  value,
  error,
  onChange,
  onBlur,
}: NamespaceFieldProps) {
  const t = useTranslations("rules");
  const namespaces = useNamespaces(instanceId, mayList);
  const options: ComboboxOption[] = (namespaces ?? []).map((namespace) =>
    namespace === "" ? { value: ROOT, label: t("root") } : { value: namespace },
  );
  const cannotList = namespaces === null;
  const status = !mayList
    ? t("form.typeNamespace")
    : cannotList
      ? t("form.cannotList")
      : namespaces === undefined && instanceId !== ""
        ? t("form.listing")
        : undefined;
  return (
    <Field
      layout="inline"
      label={label}
      required={required}
      error={error}
      hint={
        mayList && hint ? <Either shown={cannotList ? 1 : 0} hints={[hint, t("form.cannotList")]} /> : hint
      }
    >
      <Combobox
        allowTyped
        mono
        before={<InlineLabel required={required}>{t("form.namespace")}</InlineLabel>}
        onBlur={onBlur}
        options={options}
        value={value}
        onValueChange={onChange}
        placeholder={placeholder}
        status={status}
      />
    </Field>
  );
}

/** One of two hints in the room of the longer: the form below stays where it is when the registry has answered. */
function Either({ shown, hints }: { shown: 0 | 1; hints: readonly [ReactNode, ReactNode] }) {
  return (
    <span className="grid *:[grid-area:1/1]">
      <span aria-hidden className="invisible">
        {hints[1 - shown]}
      </span>
      <span>{hints[shown]}</span>
    </span>
  );
}
