import { useLocale, useTranslations } from "next-intl";
import { failureMessage } from "@/lib/format/error-sentence.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { codeWithoutWords } from "@/lib/schemas/failure-key.ts";
import type { ChartsReport, ConnectionReport } from "@/lib/schemas/instance.ts";
import { useSideWords } from "../transfers/failure-words.ts";

export interface FailedCheck {
  code: string | null;
  httpStatus?: number | null;
  detail: string | null;
}

function factOf({ code, httpStatus = null, detail }: FailedCheck) {
  const fact = { code: code ?? "UNKNOWN", httpStatus, registryMessage: detail };
  return { ...fact, side: null, request: null, digest: null };
}

/** What to do is part of the sentence where the cause lies in the settings or the network, not in a transfer. */
const ADVISED = /^(?:credentials|login-required|no-pull|dns|timeout|tls|egress|redirect|unreachable)/;

/** Why a connection failed, as a sentence with what to do next. */
export function useFailedCheck(): (instance: string, check: FailedCheck, host?: string) => string {
  const t = useTranslations("errors.failure");
  const own = useTranslations("instances");
  const locale = useLocale() as Locale;
  const side = useSideWords();
  return (instance, check, host) => {
    const { key, values } = failureMessage(factOf(check), { instance, host }, locale, side);
    const title = t(`${key}.title`, values);
    const advice = ADVISED.test(key) ? t(`${key}.advice`, values) : own("test.advice");
    return own("test.sentence", { title, advice });
  };
}

const REASONS = [
  "UNREACHABLE",
  "TIMEOUT",
  "DNS",
  "TLS",
  "tls-expired",
  "tls-issuer",
  "tls-name",
  "UNAUTHORIZED",
  "DENIED",
  "LOGIN_REQUIRED",
  "CREDENTIALS_UNREADABLE",
  "REDIRECT_REFUSED",
  "UNSUPPORTED",
] as const;

/** The key of these few words: what the registry told besides its code counts, as it does in the sentence. */
export function reasonOf(check: FailedCheck): (typeof REASONS)[number] | "other" {
  const told = codeWithoutWords(factOf(check));
  return REASONS.find((known) => known === told) ?? REASONS.find((known) => known === check.code) ?? "other";
}

/** Why a check failed, in a few words; the sentence is `useFailedCheck`'s. */
export function useFailedReason(): (check: FailedCheck) => string {
  const t = useTranslations("instances.reasons");
  return (check) => t(reasonOf(check));
}

/** What became of the chart repository in a test, in one sentence. */
export function useChartsSentence(): (instance: string, report: ChartsReport) => string {
  const t = useTranslations("instances.test");
  const errors = useTranslations("errors.failure");
  const locale = useLocale() as Locale;
  const side = useSideWords();
  return (instance, report) => {
    if (report.ok) {
      return t(report.listed ? "charts" : "chartsTenants");
    }
    const { key, values } = failureMessage(factOf(report), { instance }, locale, side);
    return t("chartsFailed", { reason: errors(`${key}.title`, values) });
  };
}

/** The result of a test in one sentence. */
export function useReportSentence(): (instance: string, report: ConnectionReport, host?: string) => string {
  const t = useTranslations("instances");
  const failed = useFailedCheck();
  return (instance, report, host) => {
    if (!report.ok) {
      return failed(instance, report, host);
    }
    const how = t(`test.authentication.${report.authentication}`);
    const latency = Math.round(report.latencyMs);
    return report.canList
      ? t("test.ok", { how, n: report.repositoriesSeen, latency })
      : t("test.okNoList", { how, latency });
  };
}
