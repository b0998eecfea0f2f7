import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { formatSpan } from "@/lib/format/duration.ts";
import type { Locale } from "@/lib/format/locale.ts";
import type { InstanceRow } from "@/lib/schemas/instance.ts";
import type { HealthHistory } from "@/lib/schemas/instance-health.ts";
import { Note } from "../kit/note.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";
import { reasonOf, useFailedCheck } from "./connection-sentence.ts";
import { CredentialAge } from "./credential-age.tsx";
import { LatencySection } from "./latency-section.tsx";
import { Section } from "./section.tsx";

const HOUR_MS = 3_600_000;

/** Why it is not reached and since when; the last 24 hours; what is configured. */
export function ConnectionSection({ instance, history }: { instance: InstanceRow; history: HealthHistory }) {
  const t = useTranslations("instances");
  const failed = useFailedCheck();
  const locale = useLocale() as Locale;
  const { health } = instance;
  const { unreachableSince: since } = health;
  const lostMs = since ? Math.max(0, Date.now() - Date.parse(since)) : 0;
  const none = <span className="text-ink-3">{t("none")}</span>;
  return (
    <Section title={t("connection")}>
      {health.status === "unreachable" ? (
        <Note tone="cinnabar" className="mb-4">
          {since ? (
            <span className="block font-medium text-ink" suppressHydrationWarning>
              {t(reasonOf(health) === "UNAUTHORIZED" ? "history.failingSince" : "history.downSince", {
                duration: formatSpan(lostMs, locale),
              })}
            </span>
          ) : null}
          {failed(instance.name, health, new URL(instance.address).host)}
          {health.detail ? <code className="mt-1 block text-ink-3">{health.detail}</code> : null}
        </Note>
      ) : null}
      <div className="grid gap-x-10 gap-y-5 lg:grid-cols-[minmax(0,1fr)_minmax(0,300px)]">
        <LatencySection history={history} />
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] content-start gap-x-4 gap-y-1.5">
          <Fact label={t("region")}>{instance.region || none}</Fact>
          <Fact label={t("software")}>
            {instance.capabilities?.software ?? t(`vendors.${instance.vendor}`)}
          </Fact>
          {instance.chartsAddress ? (
            <Fact label={t("form.charts")}>
              <code>{instance.chartsAddress}</code>
            </Fact>
          ) : null}
          <Fact label={t("form.username")}>
            {instance.username ? <code>{instance.username}</code> : t("anonymous")}
          </Fact>
          <Fact label={t("credentialAge")}>
            <CredentialAge hasPassword={instance.hasPassword} setAt={instance.credentialSetAt} />
          </Fact>
          <Fact label={t("form.certificate")}>
            {instance.caCertificate ? t("certificateOwn") : t("certificateSystem")}
          </Fact>
          <Fact label={t("transport")}>
            {instance.plainHttp ? <span className="text-gamboge-fg">{t("plainHttp")}</span> : t("tls")}
          </Fact>
          <Fact label={t("lastCheck")}>
            {health.checkedAt ? <RelativeTime at={health.checkedAt} /> : t("notChecked")}
            <span className="block text-ink-3 text-meta" suppressHydrationWarning>
              {t(lostMs > HOUR_MS ? "checkIntervalLost" : "checkInterval")}
            </span>
          </Fact>
        </dl>
      </div>
    </Section>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3 whitespace-nowrap">{label}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </>
  );
}
