import { useTranslations } from "next-intl";
import type { FeedEnd, InstanceFeeds } from "@/lib/schemas/instance-health.ts";
import { HealthShape } from "../kit/health-mark.tsx";
import { Link } from "../kit/link.tsx";
import { Section } from "./section.tsx";

interface FeedsSectionProps {
  instanceId: string;
  feeds: InstanceFeeds;
}

/** Who feeds whom: the other ends of this instance's rules, their health, and the rules between. */
export function FeedsSection({ instanceId, feeds }: FeedsSectionProps) {
  const t = useTranslations("instances.feeds");
  return (
    <Section
      title={t("title")}
      beside={
        <Link href={`/topology?at=${instanceId}`} className="link">
          {t("topology")}
        </Link>
      }
    >
      {feeds.out.length + feeds.in.length === 0 ? (
        <p className="text-ink-3">{t("none")}</p>
      ) : (
        <>
          <Feeds
            label={t("out")}
            rules={feeds.rules.out}
            ends={feeds.out}
            hrefOf={(end) => `/rules?instance=${instanceId}&target=${end.instance.id}`}
          />
          <Feeds
            label={t("in")}
            rules={feeds.rules.in}
            ends={feeds.in}
            hrefOf={(end) => `/rules?instance=${end.instance.id}&target=${instanceId}`}
          />
        </>
      )}
    </Section>
  );
}

interface FeedsProps {
  label: string;
  /** Of all ends; a rule with several targets is one. */
  rules: number;
  ends: readonly FeedEnd[];
  hrefOf: (end: FeedEnd) => string;
}

function Feeds({ label, rules, ends, hrefOf }: FeedsProps) {
  const t = useTranslations("instances.feeds");
  return (
    <div className="mt-1">
      <h3 className="flex h-8 items-center justify-between font-normal text-ink-3">
        {label}
        <span>{ends.length === 0 ? t("nobody") : t("rules", { n: rules })}</span>
      </h3>
      <ul>
        {ends.map((end) => (
          <Feed key={end.instance.id} end={end} href={hrefOf(end)} />
        ))}
      </ul>
    </div>
  );
}

function Feed({ end, href }: { end: FeedEnd; href: string }) {
  const t = useTranslations("instances.feeds");
  const common = useTranslations("common");
  const { instance, health, rules, off } = end;
  return (
    <li className="flex min-h-8 items-center gap-2 border-line border-t max-md:min-h-11">
      {health === "unknown" ? null : <HealthShape status={health} />}
      <Link href={`/instances/${instance.id}`} className="min-w-0 truncate hover:underline">
        {instance.name}
      </Link>
      {health === "unknown" ? null : health === "healthy" ? (
        <span className="sr-only">{common("health.healthy")}</span>
      ) : (
        <span className="text-ink-3 text-meta whitespace-nowrap">{common(`health.${health}`)}</span>
      )}
      <span className="ml-auto flex items-baseline gap-2 whitespace-nowrap">
        {off > 0 ? (
          <span className="text-ink-3 text-meta">{off === rules ? t("allOff") : t("off", { n: off })}</span>
        ) : null}
        <Link href={href} className="link inline-flex min-h-6 items-center">
          {t("rules", { n: rules })}
        </Link>
      </span>
    </li>
  );
}
