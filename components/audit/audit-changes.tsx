import clsx from "clsx";
import { useTranslations } from "next-intl";
import { GRANTS } from "@/lib/schemas/instance.ts";
import type { AuditRow } from "@/lib/schemas/user.ts";
import { type ChangeLine, changeLines, type ValueWords } from "./change-lines.ts";

interface AuditChangesProps {
  changes: NonNullable<AuditRow["changes"]>;
  /** Nothing was changed: the fields tell why. */
  refused: boolean;
}

/** Each changed field: what went and what came, as it was stored; secrets are already redacted. */
export function AuditChanges({ changes, refused }: AuditChangesProps) {
  const t = useTranslations("audit");
  const words = useValueWords();
  const entries = Object.entries(changes);
  if (entries.length === 0) {
    return null;
  }
  return (
    <dl
      aria-label={t("changesCaption")}
      className="mb-2 grid gap-x-6 gap-y-2 md:grid-cols-[minmax(120px,auto)_1fr]"
    >
      {entries.map(([field, { before, after }]) => (
        <div key={field} className="contents">
          <dt className="pt-0.5 text-ink-2 text-meta wrap-anywhere">
            <FieldName field={field} />
          </dt>
          <dd className="min-w-0 max-w-[860px]">
            {changeLines(before, after, words).map((line) => (
              <Line
                key={line.kind === "kept" ? "kept" : `${line.kind}${line.text}`}
                line={line}
                refused={refused}
              />
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const LOOK = {
  removed: { sign: "−", ground: "bg-cinnabar-soft", mark: "text-cinnabar-fg", said: "before" },
  added: { sign: "+", ground: "bg-malachite-soft", mark: "text-malachite-fg", said: "after" },
} as const;

/** A sign, a word for those who hear it, then colour. */
function Line({ line, refused }: { line: ChangeLine; refused: boolean }) {
  const t = useTranslations("audit");
  if (line.kind === "kept") {
    return <div className="px-2 text-ink-3 text-meta">{t("unchanged", { n: line.count })}</div>;
  }
  if (refused) {
    return <code className="block px-2 py-0.5 wrap-anywhere">{line.text}</code>;
  }
  const { sign, ground, mark, said } = LOOK[line.kind];
  return (
    <div className={clsx("mb-px flex gap-2 rounded-xs px-2 py-0.5", ground)}>
      <span aria-hidden className={clsx("shrink-0 font-mono", mark)}>
        {sign}
      </span>
      <span className="sr-only">{t(said)}</span>
      <code className="min-w-0 whitespace-pre-wrap wrap-anywhere">{line.text}</code>
    </div>
  );
}

/** Fields of the grants are `user@instance`. */
function FieldName({ field }: { field: string }) {
  const fields = useTranslations("audit.fields");
  if (/^[a-z]+$/i.test(field) && fields.has(field)) {
    return fields(field);
  }
  const [user, instance] = field.split("@");
  return instance ? (
    <>
      <code>{user}</code> × {instance}
    </>
  ) : (
    <code>{field}</code>
  );
}

function useValueWords(): ValueWords {
  const t = useTranslations("audit.values");
  const grants = useTranslations("common.grant");
  return {
    yes: t("yes"),
    no: t("no"),
    set: t("set"),
    word: (stored) => {
      const grant = GRANTS.find((known) => known === stored);
      return grant ? grants(grant) : null;
    },
  };
}
