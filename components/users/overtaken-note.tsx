"use client";

import { useTranslations } from "next-intl";
import { GRANTS, type InstanceOption } from "@/lib/schemas/instance.ts";
import { Button } from "../kit/button.tsx";
import { Note } from "../kit/note.tsx";
import { holdsGrant, type Overtaken } from "./grant-cell.ts";

interface OvertakenNoteProps {
  cells: readonly Overtaken[];
  instances: readonly InstanceOption[];
  /** Who changed them; null when that is not known. */
  by: string | null;
  busy: boolean;
  onTheirs: () => void;
  onMine: () => void;
}

/** Somebody else changed the same cells: what they hold by now, and which side to take. Nothing is lost until then. */
export function OvertakenNote({ cells, instances, by, busy, onTheirs, onMine }: OvertakenNoteProps) {
  const t = useTranslations("users.matrix");
  const grants = useTranslations("common.grant");
  const common = useTranslations("common");
  const told = cells.map(({ user, instanceId, stored }) => {
    const held = GRANTS.filter((grant) => holdsGrant(stored, grant)).map((grant) => grants(grant));
    return t("conflictCell", {
      member: user.displayName || user.username,
      instance: instances.find(({ id }) => id === instanceId)?.name ?? "",
      grants: held.join(common("listSeparator")) || t("nothing"),
    });
  });
  return (
    <Note tone="gamboge" role="alert" className="w-full">
      <span className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <span className="min-w-0 flex-1">
          {t("conflict", { user: by ?? "none", cells: told.join(t("stepSeparator")) })}
        </span>
        <span className="flex gap-2">
          <Button size="sm" onClick={onTheirs}>
            {t("theirs")}
          </Button>
          <Button size="sm" onClick={onMine} busy={busy}>
            {t("mine")}
          </Button>
        </span>
      </span>
    </Note>
  );
}
