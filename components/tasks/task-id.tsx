"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { CopyButton } from "../kit/copy-button.tsx";

/** `#1042`, the source instance's own number, with a button that copies it. */
export function TaskId({ task, link = true }: { task: { id: string; number: number }; link?: boolean }) {
  const t = useTranslations("tasks");
  const name = `#${task.number}`;
  return (
    <span className="inline-flex items-center gap-0.5 whitespace-nowrap">
      {link ? (
        <Link href={`/tasks/${task.id}`} className="link">
          <code className="font-medium">{name}</code>
        </Link>
      ) : (
        <code className="font-medium">{name}</code>
      )}
      <span className="opacity-0 transition-opacity duration-(--t-fast) focus-within:opacity-100 group-hover/row:opacity-100 max-md:opacity-100">
        <CopyButton value={name} label={t("copyId", { id: name })} />
      </span>
    </span>
  );
}
