import { useTranslations } from "next-intl";
import { Button } from "./button.tsx";
import { type Difference, DifferenceTable } from "./difference-table.tsx";
import { Note } from "./note.tsx";

interface ConflictNoteProps {
  /** Who changed it meanwhile. */
  sentence: string;
  /** Null until both are known: before that nobody can choose. */
  differences: readonly Difference[] | null;
  onMine: (form: HTMLFormElement | null) => void;
  onTheirs: () => void;
  className?: string;
}

/**
 * Somebody else saved meanwhile: what differs, and whose counts. Nothing that was typed is lost but by the button that says so.
 */
export function ConflictNote({ sentence, differences, onMine, onTheirs, className }: ConflictNoteProps) {
  const t = useTranslations("instances.conflict");
  return (
    <Note tone="gamboge" role="alert" className={className}>
      <p className="font-medium text-ink">{sentence}</p>
      {differences ? (
        <>
          {differences.length === 0 ? (
            <p className="mt-1">{t("same")}</p>
          ) : (
            <DifferenceTable
              heads={{ field: t("column.field"), theirs: t("column.theirs"), mine: t("column.mine") }}
              differences={differences}
            />
          )}
          <div className="mt-2 flex flex-wrap gap-2">
            <Button size="sm" variant="primary" onClick={({ currentTarget }) => onMine(currentTarget.form)}>
              {t("mine")}
            </Button>
            <Button size="sm" variant="danger" onClick={onTheirs}>
              {t("theirs")}
            </Button>
          </div>
        </>
      ) : null}
    </Note>
  );
}
