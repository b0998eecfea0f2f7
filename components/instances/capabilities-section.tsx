import { useTranslations } from "next-intl";
import type { Capabilities } from "@/lib/schemas/instance.ts";
import { RelativeTime } from "../kit/relative-time.tsx";
import { CapabilityMark } from "./capability-mark.tsx";
import { Section } from "./section.tsx";

/** What the registry can do, what that means here, and what nobody can know without writing to it. */
export function CapabilitiesSection({ capabilities }: { capabilities: Capabilities | null }) {
  const t = useTranslations("instances.capabilities");
  if (!capabilities) {
    return (
      <Section title={t("title")}>
        <p className="text-ink-3">{t("unprobed")}</p>
      </Section>
    );
  }
  const { list, referrers, probedAt } = capabilities;
  const meaning = (value: boolean | null, words: [yes: string, no: string, unknown: string]) =>
    words[value === null ? 2 : value ? 0 : 1];
  return (
    <Section title={t("title")} beside={t.rich("probed", { at: () => <RelativeTime at={probedAt} /> })}>
      <ul className="grid gap-x-10 sm:grid-cols-2">
        <Line value={list} name={t("list")}>
          {meaning(list, [t("listYes"), t("listNo"), t("listUnknown")])}
        </Line>
        <Line value={referrers} name={t("referrers")}>
          {meaning(referrers, [t("referrersYes"), t("referrersNo"), t("referrersUnknown")])}
        </Line>
        <Line value={capabilities.chunk} name={t("chunk")}>
          {meaning(capabilities.chunk, [t("yes"), t("no"), t("onlyWrite")])}
        </Line>
        <Line value={capabilities.delete} name={t("delete")}>
          {meaning(capabilities.delete, [t("yes"), t("no"), t("onlyWrite")])}
        </Line>
      </ul>
      <p className="mt-2 text-ink-3 text-meta">{t("readOnly")}</p>
    </Section>
  );
}

function Line({ value, name, children }: { value: boolean | null; name: string; children: string }) {
  return (
    <li className="flex min-h-8 items-center gap-2 border-line border-b py-1">
      <CapabilityMark value={value} />
      <span className="whitespace-nowrap">{name}</span>
      <span className="ml-auto text-right text-ink-3 text-meta">{children}</span>
    </li>
  );
}
