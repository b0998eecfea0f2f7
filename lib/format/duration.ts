import type { Locale } from "./locale.ts";

const SECOND_MS = 1000;
const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

const two = (value: number): string => String(value).padStart(2, "0");

/** Whole seconds; whatever took any time at all took at least one. */
function wholeSeconds(ms: number): number {
  return ms <= 0 ? 0 : Math.max(1, Math.round(ms / SECOND_MS));
}

/** For sentences: `6分12秒` / `6 min 12 s`, `1小时04分` / `1 h 04 min`. The browser sets the gap after Chinese figures. */
export function formatDuration(ms: number, locale: Locale): string {
  const seconds = wholeSeconds(ms);
  const [day, hour, minute, second] =
    locale === "zh-CN" ? ["天", "小时", "分", "秒"] : [" d", " h", " min", " s"];
  const gap = locale === "zh-CN" ? "" : " ";
  if (seconds < MINUTE_S) {
    return `${seconds}${second}`;
  }
  if (seconds < HOUR_S) {
    return `${Math.floor(seconds / MINUTE_S)}${minute}${gap}${two(seconds % MINUTE_S)}${second}`;
  }
  if (seconds < DAY_S) {
    return `${Math.floor(seconds / HOUR_S)}${hour}${gap}${two(Math.floor((seconds % HOUR_S) / MINUTE_S))}${minute}`;
  }
  return `${Math.floor(seconds / DAY_S)}${day}${gap}${two(Math.floor((seconds % DAY_S) / HOUR_S))}${hour}`;
}

const SECONDS_MATTER_MS = 10 * MINUTE_S * SECOND_MS;

/** The same where there is little room: between ten minutes and an hour without the seconds, `38分钟` / `38 min`. */
export function formatShortDuration(ms: number, locale: Locale): string {
  return ms >= SECONDS_MATTER_MS && wholeSeconds(ms) < HOUR_S
    ? formatSpan(wholeSeconds(ms) * SECOND_MS, locale)
    : formatDuration(ms, locale);
}

/** For columns, the same in both languages: `0:48`, `6:12`, `1:04:00`. */
export function formatDurationColumn(ms: number): string {
  const seconds = wholeSeconds(ms);
  const minutes = Math.floor(seconds / MINUTE_S);
  return seconds < HOUR_S
    ? `${minutes}:${two(seconds % MINUTE_S)}`
    : `${Math.floor(seconds / HOUR_S)}:${two(minutes % MINUTE_S)}:${two(seconds % MINUTE_S)}`;
}

/** What is left, in a sentence: `剩余约18分`, `剩余不足1分`; null means that there is nothing to estimate from yet. */
export function formatEstimate(ms: number | null, locale: Locale): string {
  const left = formatRemaining(ms, locale);
  return ms === null ? left : locale === "zh-CN" ? `剩余${left}` : `${left} left`;
}

/** The same where its column says that it is what is left: `约18分` / `about 18 min`. */
export function formatRemaining(ms: number | null, locale: Locale): string {
  const chinese = locale === "zh-CN";
  if (ms === null) {
    return chinese ? "正在估算" : "estimating";
  }
  const minutes = Math.round(ms / SECOND_MS / MINUTE_S);
  if (ms < MINUTE_S * SECOND_MS || minutes === 0) {
    return chinese ? "不足1分" : "under 1 min";
  }
  if (minutes < 60) {
    return chinese ? `约${minutes}分` : `about ${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  const rest = two(minutes % 60);
  return chinese ? `约${hours}小时${rest}分` : `about ${hours} h ${rest} min`;
}

/** How long something has lasted, in its largest unit: `17分钟` / `17 min`, `5小时` / `5 h`, `2天` / `2 d`. */
export function formatSpan(ms: number, locale: Locale): string {
  const chinese = locale === "zh-CN";
  const minutes = Math.max(1, Math.floor(ms / SECOND_MS / MINUTE_S));
  if (minutes < 60) {
    return chinese ? `${minutes}分钟` : `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    return chinese ? `${hours}小时` : `${hours} h`;
  }
  const days = Math.floor(hours / 24);
  return chinese ? `${days}天` : `${days} d`;
}
