"use client";

import { useTranslations } from "next-intl";
import type { EventRow } from "@/lib/schemas/event.ts";
import { Link } from "../kit/link.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";
import { EventMark } from "./event-mark.tsx";

/** The latest events and what became of each. */
export function EventList({ events }: { events: readonly EventRow[] }) {
  const t = useTranslations("events");
  if (events.length === 0) {
    return <p className="text-ink-3">{t("latestEmpty")}</p>;
  }
  return (
    <ul>
      {events.map((event) => (
        <li key={event.id} className="border-line border-t py-2">
          <div className="flex min-h-6 flex-wrap items-center gap-x-3">
            <RelativeTime at={event.at} className="text-ink-3 text-meta" />
            <EventMark state={event.state} />
            <span className="ml-auto min-w-0 truncate text-right text-ink-3 text-meta">
              <Outcome event={event} />
            </span>
          </div>
          <code className="block truncate text-ink-2 text-[12px]" title={nameOf(event) ?? undefined}>
            {nameOf(event) ?? t("unknownAddress")}
          </code>
        </li>
      ))}
    </ul>
  );
}

function Outcome({ event }: { event: EventRow }) {
  const t = useTranslations("events");
  const [first, ...others] = event.started;
  if (first) {
    return (
      <Link href={`/tasks/${first.taskId}`} className="link">
        {others.length > 0
          ? t("startedMore", { n: event.started.length })
          : t("started", { rule: first.ruleName })}
      </Link>
    );
  }
  if (event.state === "processed" && event.reason === null) {
    return t("startedGone");
  }
  return event.reason && t.has(`reason.${event.reason}`) ? t(`reason.${event.reason}`) : null;
}

/** What it is about; of a refused request who sent it. */
function nameOf({ repository, tag, digest, ip }: EventRow): string | null {
  if (repository === null) {
    return ip;
  }
  return tag === null ? `${repository}@${digest}` : `${repository}:${tag}`;
}
