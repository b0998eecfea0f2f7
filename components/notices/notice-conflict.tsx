"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import type { NoticeAddressRow } from "@/lib/schemas/notice.ts";
import { Button } from "../kit/button.tsx";
import { Note } from "../kit/note.tsx";

interface NoticeConflictProps {
  /** Who saved it meanwhile. */
  user: string;
  /** Version of what the form was filled with. */
  version: number;
  latest: NoticeAddressRow;
  instances: readonly InstanceOption[];
  onTheirs: () => void;
  /** Saves over that version, which has been shown. */
  onMine: (version: number, form: HTMLFormElement | null) => void;
}

/** Somebody else saved the address meanwhile: who, what differs, and whose counts. */
export function NoticeConflict({ user, version, latest, instances, onTheirs, onMine }: NoticeConflictProps) {
  const t = useTranslations("instances.conflict");
  const errors = useTranslations("errors");
  const router = useRouter();
  const note = useRef<HTMLDivElement>(null);
  const [mine, setMine] = useState<Values | null>(null);
  const valuesOf = useValues(instances);
  // Once: as it was when it was refused. What they saved comes with the page.
  const look = useEffectEvent(() => {
    const form = note.current?.closest("form");
    setMine(form ? valuesOf.typed(new FormData(form)) : null);
    router.refresh();
  });
  useEffect(() => look(), []);
  const known = latest.version > version;
  const theirs = valuesOf.stored(latest);
  const differing = known && mine ? theirs.filter(([name, value]) => new Map(mine).get(name) !== value) : [];
  return (
    <div ref={note}>
      <Note tone="gamboge" role="alert">
        <p className="font-medium text-ink">{errors("notice-changed", { user })}</p>
        {known && mine ? (
          <>
            {differing.length === 0 ? <p className="mt-1">{t("same")}</p> : null}
            <dl className="mt-1 grid grid-cols-[auto_minmax(0,1fr)] gap-x-3">
              {differing.map(([name, value]) => (
                <div key={name} className="contents">
                  <dt className="text-ink-3">{name}</dt>
                  <dd className="wrap-anywhere">
                    {t("change", { theirs: value, mine: new Map(mine).get(name) ?? "" })}
                  </dd>
                </div>
              ))}
            </dl>
            <div className="mt-2 flex flex-wrap gap-2">
              <Button size="sm" onClick={onTheirs}>
                {t("theirs")}
              </Button>
              <Button
                size="sm"
                variant="quiet"
                onClick={({ currentTarget }) => onMine(latest.version, currentTarget.form)}
              >
                {t("mine")}
              </Button>
            </div>
          </>
        ) : null}
      </Note>
    </div>
  );
}

/** What a person reads, by the name of its field. */
type Values = readonly (readonly [name: string, value: string])[];

/** In words: what was typed, and what is stored. A webhook's address is stored where nobody reads it. */
function useValues(instances: readonly InstanceOption[]) {
  const t = useTranslations("notices.form");
  const set = useTranslations("instances.conflict");
  const languages = useTranslations("common.language");
  const join = useTranslations("common")("listSeparator");
  const words = (of: {
    name: string;
    locale: string;
    failuresOnly: boolean;
    all: boolean;
    places: readonly string[];
  }): Values => [
    [t("name"), of.name],
    [t("locale"), languages(of.locale === "en" ? "en" : "zh-CN")],
    [t("failuresOnly"), set(of.failuresOnly ? "set" : "unset")],
    [t("where"), of.all ? t("all") : of.places.toSorted().join(join)],
  ];
  return {
    typed(form: FormData) {
      const { allInstances, instanceIds } = JSON.parse(String(form.get("json"))) as {
        allInstances: boolean;
        instanceIds: string[];
      };
      return words({
        name: String(form.get("name") ?? "").trim(),
        locale: String(form.get("locale")),
        failuresOnly: form.has("failuresOnly"),
        all: allInstances,
        places: instances.filter(({ id }) => instanceIds.includes(id)).map(({ name }) => name),
      });
    },
    stored: (row: NoticeAddressRow) =>
      words({ ...row, all: row.allInstances, places: row.instances.map(({ name }) => name) }),
  };
}
