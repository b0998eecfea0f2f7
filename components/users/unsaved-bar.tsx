"use client";

import { useTranslations } from "next-intl";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import type { UserRow } from "@/lib/schemas/user.ts";
import { Button } from "../kit/button.tsx";
import { Note } from "../kit/note.tsx";
import { changesOf, type Edits, NOTHING, overtakenBy, stepsOf, withMine, withTheirs } from "./grant-cell.ts";
import { OvertakenNote } from "./overtaken-note.tsx";

/** The last save was refused: somebody had changed some of the cells. */
export interface Refused {
  /** Null when that is not known. */
  by: string | null;
}

interface UnsavedBarProps {
  users: readonly UserRow[];
  instances: readonly InstanceOption[];
  edits: Edits;
  refused: Refused | null;
  busy: boolean;
  onEdits: (edits: Edits) => void;
  onSave: (edits: Edits) => void;
}

const NAMED = 6;

/** 3项更改未保存: how many, which, and the two ways out. */
export function UnsavedBar(props: UnsavedBarProps) {
  const { users, instances, edits, refused, busy, onEdits, onSave } = props;
  const t = useTranslations("users.matrix");
  const grants = useTranslations("common.grant");
  const steps = changesOf(edits).flatMap((change) => {
    const user = users.find(({ id }) => id === change.userId);
    const instance = instances.find(({ id }) => id === change.instanceId);
    const before = user?.grants[change.instanceId] ?? NOTHING;
    return stepsOf(before, change).map(({ sign, grant }) =>
      t(sign === "+" ? "given" : "taken", {
        user: user?.displayName || user?.username || "",
        instance: instance?.name ?? "",
        grant: grants(grant),
      }),
    );
  });
  const overtaken = overtakenBy(users, edits);
  const named = steps.slice(0, NAMED).join(t("stepSeparator"));
  return (
    <footer className="sticky bottom-0 z-10 flex min-h-[60px] flex-wrap items-center gap-x-3 gap-y-2 bg-surface px-6 py-2 shadow-bar max-md:px-4">
      {refused && overtaken.length === 0 ? (
        <Note tone="gamboge" role="alert" className="w-full">
          {t("conflictElsewhere", { user: refused.by ?? "none" })}
        </Note>
      ) : null}
      {overtaken.length > 0 ? (
        <OvertakenNote
          cells={overtaken}
          instances={instances}
          by={refused?.by ?? null}
          busy={busy}
          onTheirs={() => onEdits(withTheirs(edits, overtaken))}
          onMine={() => onSave(withMine(edits, overtaken))}
        />
      ) : null}
      <span role="status" className="font-medium">
        {t("unsaved", { n: steps.length })}
      </span>
      <span className="min-w-0 text-ink-2 text-meta">
        {steps.length > NAMED ? t("andMore", { named, n: steps.length - NAMED }) : named}
      </span>
      <span className="ml-auto flex gap-2">
        <Button variant="quiet" onClick={() => onEdits(new Map())}>
          {t("discard")}
        </Button>
        <Button
          variant="primary"
          busy={busy}
          busyLabel={t("saving")}
          onClick={() => onSave(edits)}
          aria-keyshortcuts="Control+S Meta+S"
        >
          {t("save")}
        </Button>
      </span>
    </footer>
  );
}
