"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatSpan } from "@/lib/format/duration.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatCount } from "@/lib/format/ratio.ts";
import type { InstanceListRow } from "@/lib/schemas/instance-health.ts";
import { HealthMark } from "../kit/health-mark.tsx";
import { Link } from "../kit/link.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";
import { Cell, FROM_1024, Row } from "../kit/table.tsx";
import { TextAction, TextLink } from "../kit/text-action.tsx";
import { Tooltip } from "../kit/tooltip.tsx";
import type { RowProps } from "../kit/use-row-keys.ts";
import { CapabilityMark } from "./capability-mark.tsx";
import { useCheckInstance } from "./check-action.ts";
import { useFailedCheck, useFailedReason } from "./connection-sentence.ts";
import { CredentialAge } from "./credential-age.tsx";
import { LatencyCurve } from "./latency-curve.tsx";

/** An instance: of one on which the viewer only holds receive, the name and no more. */
export function InstanceTableRow({ instance, keys }: { instance: InstanceListRow; keys: RowProps }) {
  const t = useTranslations("instances");
  const viewed = instance.grants.level !== null;
  const { health } = instance;
  if (!viewed) {
    return <NameOnlyRow instance={instance} keys={keys} />;
  }
  return (
    <Row {...keys}>
      <Cell rowHead>
        <span className="flex min-w-0 items-baseline gap-2">
          <Link href={`/instances/${instance.id}`} className="link truncate" title={instance.name}>
            {instance.name}
          </Link>
          <span className="min-w-0 shrink-[999] truncate text-ink-3 text-meta">
            {instance.capabilities?.software ?? t(`vendors.${instance.vendor}`)}
          </span>
        </span>
        <code className="block truncate text-ink-3 leading-[18px]" title={instance.address}>
          {new URL(instance.address).host}
        </code>
      </Cell>
      <Cell label={t("region")} className={`truncate text-ink-2 ${FROM_1024}`} title={instance.region}>
        {instance.region || "—"}
      </Cell>
      <Cell label={t("health")}>
        <HealthMark status={health.status} />
        {health.checkedAt ? <RelativeTime at={health.checkedAt} className="text-ink-3 text-meta" /> : null}
      </Cell>
      <Cell label={t("latency")} double>
        <Latency instance={instance} />
      </Cell>
      <Cell label={t("referrers")} className={FROM_1024}>
        <CapabilityMark value={instance.capabilities?.referrers ?? null} />
      </Cell>
      <Cell label={t("rules")} align="right">
        <span aria-hidden="true">
          <Quiet value={instance.rulesOut} />
          <span className="text-ink-3">{" / "}</span>
          <Quiet value={instance.rulesIn} />
        </span>
        <span className="sr-only">{t("rulesOf", { out: instance.rulesOut, in: instance.rulesIn })}</span>
      </Cell>
      <Cell label={t("credentialAge")} className="md:pl-6">
        <CredentialAge hasPassword={instance.hasPassword} setAt={instance.credentialSetAt} />
      </Cell>
      <Cell wide>
        <RowActions instance={instance} />
      </Cell>
    </Row>
  );
}

function NameOnlyRow({ instance, keys }: { instance: InstanceListRow; keys: RowProps }) {
  const common = useTranslations("common");
  return (
    <Row {...keys}>
      <Cell rowHead>
        <span className="block truncate font-medium">{instance.name}</span>
        <span className="block text-ink-3 text-meta">{common("grant.receive")}</span>
      </Cell>
      <Cell colSpan={7} wide className="text-ink-3">
        {"—"}
      </Cell>
    </Row>
  );
}

function Quiet({ value }: { value: number }) {
  return <span className={value === 0 ? "text-ink-3" : undefined}>{formatCount(value)}</span>;
}

/** The small curve with p50 and p95; or what went wrong, and for how long. */
function Latency({ instance }: { instance: InstanceListRow }) {
  const t = useTranslations("instances");
  const failed = useFailedCheck();
  const reason = useFailedReason();
  const locale = useLocale() as Locale;
  const { health, latency } = instance;
  if (health.status === "unreachable") {
    const since = health.unreachableSince;
    const sentence = failed(instance.name, health, new URL(instance.address).host);
    return (
      <Tooltip content={sentence}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the whole sentence must be reachable by keyboard */}
        <span tabIndex={0} className="block truncate text-cinnabar-fg" suppressHydrationWarning>
          {reason(health)}
          {since
            ? t("since", { duration: formatSpan(Math.max(0, Date.now() - Date.parse(since)), locale) })
            : null}
        </span>
      </Tooltip>
    );
  }
  if (!latency || latency.p50Ms === null || latency.p95Ms === null) {
    return <span className="text-ink-3">{t(health.checkedAt ? "noLatency" : "notChecked")}</span>;
  }
  const { p50Ms, p95Ms, points } = latency;
  return (
    <span className="flex items-center gap-3">
      {points.filter((point) => point !== null).length > 1 ? (
        <LatencyCurve points={points} width={84} height={22} className="shrink-0 md:max-[1160px]:hidden" />
      ) : null}
      <span className="whitespace-nowrap">
        {t.rich("slash", {
          p50: formatCount(p50Ms),
          p95: formatCount(p95Ms),
          quiet: (chunks) => <span className="text-ink-3">{chunks}</span>,
        })}
      </span>
    </span>
  );
}

function RowActions({ instance }: { instance: InstanceListRow }) {
  const t = useTranslations("instances");
  const { level } = instance.grants;
  const { check, busy } = useCheckInstance({
    id: instance.id,
    name: instance.name,
    host: new URL(instance.address).host,
  });
  const mayCheck = level === "operate" || level === "manage";
  return (
    <span className="flex items-center gap-4">
      <TextAction
        data-key="t"
        onClick={check}
        busy={busy}
        aria-label={t("testOf", { name: instance.name })}
        disabledReason={mayCheck ? null : t("needs.operate", { name: instance.name })}
      >
        {busy ? t("testing") : t("testShort")}
      </TextAction>
      {level === "manage" ? (
        <TextLink
          data-key="e"
          href={`/instances/${instance.id}/edit`}
          aria-label={t("editOf", { name: instance.name })}
        >
          {t("edit")}
        </TextLink>
      ) : null}
    </span>
  );
}
