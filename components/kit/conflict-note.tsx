import { useTranslations } from "next-intl";
import { Button } from "./button.tsx";
import { Note } from "./note.tsx";

export interface Difference {
  field: string;
  theirs: string;
  mine: string;
}

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
          {differences.length === 0 ? <p className="mt-1">{t("same")}</p> : null}
          <dl className="mt-1 grid grid-cols-[auto_minmax(0,1fr)] gap-x-3">
            {differences.map(({ field, theirs, mine }) => (
              <div key={field} className="contents">
                <dt className="text-ink-3">{field}</dt>
                <dd className="wrap-anywhere">{t("change", { theirs, mine })}</dd>
              </div>
            ))}
          </dl>
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
