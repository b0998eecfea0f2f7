import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { formatBytes } from "@/lib/format/bytes.ts";
import { formatCount } from "@/lib/format/ratio.ts";
import type { SystemFacts } from "@/lib/schemas/settings.ts";
import { RETENTION_DAYS } from "@/lib/schemas/words.ts";
import { AbsoluteTime } from "../kit/relative-time.tsx";
import { Setting, SettingList, SettingsSection } from "./setting.tsx";
import { WorkerTable } from "./worker-table.tsx";

/** What this process was started with, and what the product decides. */
export interface SystemSettings {
  workerConcurrency: number;
  reconcileHours: number;
  taskRetention: { days: number; perRule: number };
  requestConcurrency: number;
  connectTimeoutMs: number;
  headersTimeoutMs: number;
  idleTimeoutMs: number;
  requestTries: number;
  jobTries: number;
  sessionDays: number;
  sessionIdleHours: number;
  egressAllow: readonly string[];
  trustedProxies: readonly string[];
  publicUrl: string | null;
  dataDir: string;
  databaseEmbedded: boolean;
  versions: { lockstep: string; next: string; node: string };
}

const asCode = (name: ReactNode) => <code>{name}</code>;

interface SystemSectionsProps {
  facts: SystemFacts;
  settings: SystemSettings;
  nowMs: number;
}

export function SystemSections({ facts, settings, nowMs }: SystemSectionsProps) {
  const t = useTranslations("settings");
  return (
    <>
      <SettingsSection id="workers" title={t("workers.title")} body={t("workers.body")}>
        <WorkerTable workers={facts.workers} nowMs={nowMs} />
      </SettingsSection>
      <Limits settings={settings} />
      <Retention settings={settings} />
      <Network settings={settings} />
      <Installation facts={facts} settings={settings} />
    </>
  );
}

function Limits({ settings }: { settings: SystemSettings }) {
  const t = useTranslations("settings.limits");
  const seconds = (ms: number) => t("seconds", { n: ms / 1000 });
  return (
    <SettingsSection id="limits" title={t("title")} body={t("body")}>
      <SettingList>
        <Setting
          label={t("concurrency")}
          note={t.rich("concurrencyHow", { n: settings.workerConcurrency, code: asCode })}
        >
          {settings.workerConcurrency}
        </Setting>
        <Setting label={t("requests")} note={t("requestsHow")}>
          {settings.requestConcurrency}
        </Setting>
        <Setting label={t("connect")}>{seconds(settings.connectTimeoutMs)}</Setting>
        <Setting label={t("headers")}>{seconds(settings.headersTimeoutMs)}</Setting>
        <Setting label={t("body2")}>{seconds(settings.idleTimeoutMs)}</Setting>
        <Setting label={t("tries")}>
          {t("triesHow", { request: settings.requestTries, job: settings.jobTries })}
        </Setting>
        <Setting label={t("health")}>{t("healthHow")}</Setting>
        <Setting label={t("reconcile")} variable="RECONCILE_HOURS">
          {t("reconcileHow", { n: settings.reconcileHours })}
        </Setting>
      </SettingList>
    </SettingsSection>
  );
}

function Retention({ settings }: { settings: SystemSettings }) {
  const t = useTranslations("settings.retention");
  return (
    <SettingsSection id="retention" title={t("title")}>
      <SettingList>
        <Setting label={t("tasks")} note={t.rich("tasksHow", { code: asCode })}>
          {t("tasksFor", {
            days: settings.taskRetention.days,
            n: formatCount(settings.taskRetention.perRule),
          })}
        </Setting>
        <Setting label={t("samples")}>{t("days", { n: RETENTION_DAYS.taskSamples })}</Setting>
        <Setting label={t("checks")}>{t("days", { n: RETENTION_DAYS.instanceChecks })}</Setting>
        <Setting label={t("events")}>{t("days", { n: RETENTION_DAYS.events })}</Setting>
        <Setting label={t("notices")}>{t("days", { n: RETENTION_DAYS.notices })}</Setting>
        <Setting label={t("schedules")}>{t("days", { n: RETENTION_DAYS.scheduleRuns })}</Setting>
        <Setting label={t("deletions")} note={t("deletionsHow")}>
          {t("days", { n: RETENTION_DAYS.deletions })}
        </Setting>
        <Setting label={t("audit")}>{t("forever")}</Setting>
        <Setting label={t("sessions")}>
          {t("sessionFor", { days: settings.sessionDays, hours: settings.sessionIdleHours })}
        </Setting>
      </SettingList>
    </SettingsSection>
  );
}

function Network({ settings }: { settings: SystemSettings }) {
  const t = useTranslations("settings.network");
  return (
    <SettingsSection id="network" title={t("title")}>
      <SettingList>
        <Setting label={t("egress")} note={t.rich("egressHow", { code: asCode })}>
          <Ranges ranges={settings.egressAllow} none={t("egressEmpty")} />
        </Setting>
        <Setting label={t("publicUrl")} variable="PUBLIC_URL">
          {settings.publicUrl ? <code>{settings.publicUrl}</code> : t("publicUrlNone")}
        </Setting>
        <Setting label={t("proxies")} variable="TRUSTED_PROXIES">
          <Ranges ranges={settings.trustedProxies} none={t("proxiesNone")} />
        </Setting>
      </SettingList>
    </SettingsSection>
  );
}

function Ranges({ ranges, none }: { ranges: readonly string[]; none: string }) {
  if (ranges.length === 0) {
    return none;
  }
  return (
    <ul className="flex flex-wrap gap-1.5">
      {ranges.map((range) => (
        <li key={range}>
          <code className="rounded-xs bg-sunken px-1.5 py-0.5">{range}</code>
        </li>
      ))}
    </ul>
  );
}

function Installation({ facts, settings }: Omit<SystemSectionsProps, "nowMs">) {
  const t = useTranslations("settings.installation");
  const database = { version: facts.databaseVersion, size: formatBytes(facts.databaseBytes) };
  return (
    <SettingsSection id="installation" title={t("title")}>
      <SettingList>
        <Setting label={t("versions")}>{t("versionLine", settings.versions)}</Setting>
        <Setting label={t("database")}>
          {t(settings.databaseEmbedded ? "embedded" : "external", database)}
        </Setting>
        <Setting label={t("folder")} variable="LOCKSTEP_DATA">
          <code>{settings.dataDir}</code>
        </Setting>
        <Setting label={t("key")} note={t("keyHow")}>
          {facts.keyFingerprint ? (
            <>
              <code>{facts.keyFingerprint}</code>{" "}
              {facts.installedAt ? (
                <span className="text-ink-3 text-meta">
                  {t.rich("installed", {
                    at: () => (facts.installedAt ? <AbsoluteTime at={facts.installedAt} /> : null),
                  })}
                </span>
              ) : null}
            </>
          ) : (
            t("keyNone")
          )}
        </Setting>
      </SettingList>
    </SettingsSection>
  );
}
