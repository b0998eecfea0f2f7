import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { sentenceGap } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import type { RuleRow } from "@/lib/schemas/rule.ts";
import type { LastTask } from "@/lib/schemas/task.ts";
import { Link } from "../kit/link.tsx";
import { Note } from "../kit/note.tsx";
import { useFailureWords } from "../transfers/failure-words.ts";

interface LastFailureProps {
  rule: RuleRow;
}

/** Why the last task of a rule came to nothing, and what to do: what whoever opens a rule that failed looks for. */
export function LastFailure({ rule }: LastFailureProps) {
  const { lastTask, targets } = rule;
  if (lastTask?.status === "nothing-matched") {
    return <NothingMatched rule={rule} taskId={lastTask.id} />;
  }
  // Targets that are paused are told above, with what to do.
  if (!lastTask?.failure || targets.every((target) => target.paused)) {
    return null;
  }
  return <Failed rule={rule} taskId={lastTask.id} failure={lastTask.failure} />;
}

interface FailedProps extends LastFailureProps {
  taskId: string;
  failure: NonNullable<LastTask["failure"]>;
}

function Failed({ rule: { sourceInstance, sourceNamespace }, taskId, failure }: FailedProps) {
  const t = useTranslations("rules");
  const words = useFailureWords();
  const { title, advice } = words(failure, {
    instance: failure.side === "target" ? undefined : sourceInstance.name,
    namespace: sourceNamespace,
  });
  return (
    <LastNote tone="cinnabar" said={t("lastFailed", { reason: title })} taskId={taskId}>
      {advice}{" "}
    </LastNote>
  );
}

/** A task without a failure that copied nothing either: the figures of the page do not show it. */
function NothingMatched({ rule, taskId }: LastFailureProps & { taskId: string }) {
  const t = useTranslations("rules");
  return (
    <LastNote
      tone="gamboge"
      said={t("lastNothingMatched")}
      taskId={taskId}
      after={
        rule.may.manage ? (
          <Link href={`/rules/${rule.id}/edit`} className="link">
            {t("checkPatterns")}
          </Link>
        ) : null
      }
    />
  );
}

interface LastNoteProps {
  tone: "cinnabar" | "gamboge";
  said: string;
  taskId: string;
  /** Between what is said and the link to the task. */
  children?: ReactNode;
  /** What can be done about it here. */
  after?: ReactNode;
}

function LastNote({ tone, said, taskId, children, after }: LastNoteProps) {
  const t = useTranslations("rules");
  const gap = sentenceGap(useLocale() as Locale);
  return (
    <div className="px-6 pb-3 max-md:px-4">
      <Note tone={tone}>
        <span className="font-medium text-ink">{said}</span>
        {children ? gap : " "}
        {children}
        <Link href={`/tasks/${taskId}`} className="link">
          {t("viewTask")}
        </Link>
        {after ? <span className="ml-3 inline-block">{after}</span> : null}
      </Note>
    </div>
  );
}
