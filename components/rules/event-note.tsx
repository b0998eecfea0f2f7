import { useTranslations } from "next-intl";
import type { InstanceEvents } from "@/lib/schemas/event.ts";
import { Link } from "../kit/link.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";

interface EventNoteProps {
  instance: { id: string; name: string };
  events: InstanceEvents;
}

/** Whether pushes at the source are heard of: a rule by event that nobody tells waits for the next comparison. */
export function EventNote({ instance, events }: EventNoteProps) {
  const t = useTranslations("lag.heard");
  const link = (words: React.ReactNode) => (
    <Link href={`/instances/${instance.id}`} target="_blank" className="link">
      {words}
    </Link>
  );
  if (!events.address) {
    return (
      <span className="text-gamboge-fg text-meta">{t.rich("noAddress", { name: instance.name, link })}</span>
    );
  }
  const received = events.latest.find(({ state }) => state !== "refused");
  const refused = events.latest[0]?.state === "refused";
  return (
    <span className={refused ? "text-gamboge-fg text-meta" : "text-ink-3 text-meta"}>
      {refused
        ? t.rich("refused", { link })
        : received
          ? t.rich("last", { at: () => <RelativeTime at={received.at} /> })
          : t.rich("never", { name: instance.name, link })}
    </span>
  );
}
