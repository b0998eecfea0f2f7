"use client";

import { useTranslations } from "next-intl";
import { formatCount } from "@/lib/format/ratio.ts";
import type { HealthStatus } from "@/lib/schemas/instance.ts";
import type { InstanceConcern } from "@/lib/schemas/instance-health.ts";
import type { Overview } from "@/lib/schemas/overview.ts";
import { HealthShape } from "../kit/health-mark.tsx";
import { Link } from "../kit/link.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";

/** The worst first. */
const ORDER = ["unreachable", "slow", "unknown", "healthy"] as const satisfies readonly HealthStatus[];
const SHAPE: Record<InstanceConcern["kind"], HealthStatus> = {
  unreachable: "unreachable",
  "credential-refused": "unreachable",
  slow: "slow",
  "credential-old": "slow",
};

/** How the instances are, and which of them somebody should see to, since when. */
export function HealthAside({ overview: { instances, concerns } }: { overview: Overview }) {
  const t = useTranslations("overview.health");
  const present = ORDER.filter((status) => instances[status] > 0);
  return (
    <section aria-labelledby="overview-health" className="flex flex-col gap-3 px-6 py-4 max-md:px-4">
      <h2 id="overview-health" className="text-section">
        {t("title")}
      </h2>
      {present.length === 0 ? (
        <p className="text-ink-2">{t("none")}</p>
      ) : (
        <ul className="flex flex-wrap gap-x-4 gap-y-1">
          {present.map((status) => (
            <li key={status}>
              <Link href="/instances" className="inline-flex min-h-6 items-center gap-2 hover:underline">
                <HealthShape status={status} />
                {t("count", { n: formatCount(instances[status]), health: status })}
              </Link>
            </li>
          ))}
        </ul>
      )}
      <ul className="flex flex-col">
        {concerns.map((concern) => (
          <Concern key={`${concern.kind} ${concern.instance.id}`} concern={concern} />
        ))}
      </ul>
    </section>
  );
}

function Concern({ concern: { kind, instance, since, rules } }: { concern: InstanceConcern }) {
  const t = useTranslations("overview.health");
  return (
    <li className="flex gap-2.5 border-line border-t py-2.5">
      <span className="mt-1.5">
        <HealthShape status={SHAPE[kind]} />
      </span>
      <div className="min-w-0 flex-1">
        <Link href={`/instances/${instance.id}`} className="link block truncate">
          {instance.name}
        </Link>
        <span className="flex flex-wrap gap-x-2 text-ink-2 text-meta">
          <span>{t(`kind.${kind}`)}</span>
          {since ? (
            <span className="text-ink-3">
              {t.rich(kind === "credential-old" ? "setAt" : "began", {
                at: () => <RelativeTime at={since} />,
              })}
            </span>
          ) : null}
          {rules > 0 ? <span className="ml-auto text-ink-3">{t("rules", { n: rules })}</span> : null}
        </span>
      </div>
    </li>
  );
}
