"use client";

import { useTranslations } from "next-intl";
import { CopyButton } from "../kit/copy-button.tsx";
import { Link } from "../kit/link.tsx";

/** `#1042`, the source instance's own number, with a button that copies it. */
export function TaskId({ task }: { task: { id: string; number: number } }) {
  const t = useTranslations("tasks");
  const name = `#${task.number}`;
  return (
    <>
      <Link href={`/tasks/${task.id}`} className="link font-mono text-[12px]">
        {name}
      </Link>
      <CopyButton
        value={name}
        label={t("copyId", { id: name })}
        className="ml-0.5 opacity-0 transition-opacity duration-(--t-fast) focus-visible:opacity-100 group-hover/row:opacity-100 max-md:opacity-100"
      />
    </>
  );
}
