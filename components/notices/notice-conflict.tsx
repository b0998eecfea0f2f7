"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import type { NoticeAddressRow } from "@/lib/schemas/notice.ts";
import { ConflictNote } from "../kit/conflict-note.tsx";

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
  const known = latest.version > version && mine !== null;
  const typed = new Map(mine);
  const differing = valuesOf.stored(latest).filter(([name, value]) => typed.get(name) !== value);
  return (
    <div ref={note}>
      <ConflictNote
        sentence={errors("notice-changed", { user })}
        differences={
          known ? differing.map(([field, theirs]) => ({ field, theirs, mine: typed.get(field) ?? "" })) : null
        }
        onMine={(form) => onMine(latest.version, form)}
        onTheirs={onTheirs}
      />
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
