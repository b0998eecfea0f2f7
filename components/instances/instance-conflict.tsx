"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { formatSaid } from "@/lib/format/time.ts";
import type { InstanceRow } from "@/lib/schemas/instance.ts";
import { Button } from "../kit/button.tsx";
import { Note } from "../kit/note.tsx";
import { useTimeStyle } from "../kit/relative-time.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { useQuery } from "../live/query.tsx";

interface InstanceConflictProps {
  instanceId: string;
  by: { user: string; at: string };
  form: HTMLFormElement | null;
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
export function InstanceConflict({ instanceId, by, form, onMine }: InstanceConflictProps) {
  const t = useTranslations("instances.conflict");
  const style = useTimeStyle();
  const [mine] = useState(() => new FormData(form ?? undefined));
  const { data } = useQuery({
    queryKey: ["instance", instanceId, "latest", by.at],
    queryFn: ({ signal }) => fetchJson<{ instance: InstanceRow }>(`/api/instances/${instanceId}`, signal),
    staleTime: 0,
  });
  const latest = data?.instance;
  const differing = latest ? FIELDS.filter((field) => typed(mine, field) !== stored(latest, field)) : [];
  return (
    <Note tone="gamboge" role="alert" className="mb-3 max-w-[592px]">
      <p className="font-medium text-ink">{t("sentence", { user: by.user, at: formatSaid(by.at, style) })}</p>
      {latest ? (
        <>
          {differing.length === 0 ? <p className="mt-1">{t("same")}</p> : null}
          <dl className="mt-1 grid grid-cols-[auto_minmax(0,1fr)] gap-x-3">
            {differing.map((field) => (
              <Difference
                key={field}
                field={field}
                theirs={stored(latest, field)}
                mine={typed(mine, field)}
              />
            ))}
          </dl>
          <div className="mt-2 flex flex-wrap gap-2">
            <Button size="sm" onClick={() => window.location.reload()}>
              {t("theirs")}
            </Button>
            <Button size="sm" variant="quiet" onClick={() => onMine(latest.version)}>
              {t("mine")}
            </Button>
          </div>
        </>
      ) : null}
    </Note>
  );
}

function Difference({ field, theirs, mine }: { field: FieldName; theirs: string; mine: string }) {
  const t = useTranslations("instances.conflict");
  const shown = (value: string) =>
    field === "caCertificate" || field === "plainHttp"
      ? t(value === "" ? "unset" : "set")
      : value || t("unset");
  return (
    <>
      <dt className="text-ink-3">{t(`field.${field}`)}</dt>
      <dd className="wrap-anywhere">{t("change", { theirs: shown(theirs), mine: shown(mine) })}</dd>
    </>
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
