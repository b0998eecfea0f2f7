"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { formatSaid } from "@/lib/format/time.ts";
import type { InstanceRow } from "@/lib/schemas/instance.ts";
import { ConflictNote } from "../kit/conflict-note.tsx";
import { useTimeStyle } from "../kit/relative-time.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { useQuery } from "../live/query.tsx";

interface InstanceConflictProps {
  instanceId: string;
  by: { user: string; at: string };
  form: HTMLFormElement | null;
  /** Leaves what was typed for what is stored. */
  onTheirs: () => void;
  /** Saves over the version of the other, which has been shown. */
  onMine: (version: number) => void;
}

const FIELDS = [
  "name",
  "region",
  "address",
  "chartsAddress",
  "vendor",
  "username",
  "plainHttp",
  "caCertificate",
] as const;
type FieldName = (typeof FIELDS)[number];

/** Somebody else saved the instance meanwhile: who and when, what differs, and whose counts. */
export function InstanceConflict({ instanceId, by, form, onTheirs, onMine }: InstanceConflictProps) {
  const t = useTranslations("instances.conflict");
  const style = useTimeStyle();
  const [mine] = useState(() => new FormData(form ?? undefined));
  const { data } = useQuery({
    queryKey: ["instance", instanceId, "latest", by.at],
    queryFn: ({ signal }) => fetchJson<{ instance: InstanceRow }>(`/api/instances/${instanceId}`, signal),
    staleTime: 0,
  });
  const latest = data?.instance;
  const shown = (field: FieldName, value: string) =>
    field === "caCertificate" || field === "plainHttp" ? t(value ? "set" : "unset") : value || t("unset");
  const differing = latest ? FIELDS.filter((field) => typed(mine, field) !== stored(latest, field)) : [];
  return (
    <ConflictNote
      className="mb-3 max-w-[592px]"
      sentence={t("sentence", { user: by.user, at: formatSaid(by.at, style) })}
      differences={
        latest
          ? differing.map((field) => ({
              field: t(`field.${field}`),
              theirs: shown(field, stored(latest, field)),
              mine: shown(field, typed(mine, field)),
            }))
          : null
      }
      onMine={() => (latest ? onMine(latest.version) : undefined)}
      onTheirs={onTheirs}
    />
  );
}

const typed = (form: FormData, field: FieldName): string => {
  const value = form.get(field);
  return typeof value === "string" ? value.trim() : "";
};

function stored(instance: InstanceRow, field: FieldName): string {
  const value = instance[field];
  return typeof value === "boolean" ? (value ? "on" : "") : (value ?? "").trim();
}
