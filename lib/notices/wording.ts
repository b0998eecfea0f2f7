import enErrors from "../../messages/en/errors.json" with { type: "json" };
import enWords from "../../messages/en/notice-words.json" with { type: "json" };
import zhErrors from "../../messages/zh-CN/errors.json" with { type: "json" };
import zhWords from "../../messages/zh-CN/notice-words.json" with { type: "json" };
import { formatDuration } from "../format/duration.ts";
import { errorSentence } from "../format/error-sentence.ts";
import { joinClauses, joinList } from "../format/join.ts";
import { formatAbsolute } from "../format/time.ts";
import type {
  InstanceFacts,
  NoticeFacts,
  NoticePlace,
  NoticeReason,
  ScheduleFacts,
  TaskFacts,
} from "../schemas/notice-facts.ts";
import type { Locale, NoticeEvent } from "../schemas/words.ts";

/** One notice, or several told together. */
export interface Notice {
  event: NoticeEvent;
  facts: NoticeFacts;
}

/** What people read. */
export interface NoticeText {
  title: string;
  lines: string[];
  /** Null when nobody has said where the console is. */
  link: { label: string; href: string } | null;
}

const WORDS = { "zh-CN": zhWords, en: enWords } as const;
const FAILURES = { "zh-CN": zhErrors.failure, en: enErrors.failure } as const;

/** Reasons told of: the console has the others. */
const REASONS = 3;
/** Targets named of a rule that has many. */
const TARGETS = 4;
/** Notices named of those told together. */
const NAMED = 10;

export interface Wording {
  locale: Locale;
  /** PUBLIC_URL; null: no links. */
  consoleUrl: URL | null;
}

/** The text of one notice, or of several that are told together. */
export function noticeText(notices: readonly Notice[], wording: Wording): NoticeText {
  const [first, ...others] = notices;
  if (!first || others.length > 0) {
    return digestText(notices, wording);
  }
  const { facts } = first;
  const words = WORDS[wording.locale];
  const title = titleOf(first, wording.locale);
  switch (facts.kind) {
    case "task":
      return {
        title,
        lines: taskLines(facts, wording.locale),
        link: link(wording, words.link.task, `/tasks/${facts.task.id}`),
      };
    case "instance":
      return {
        title,
        lines: instanceLines(facts, wording.locale),
        link: link(wording, words.link.instance, `/instances/${facts.instance.id}`),
      };
    case "schedule":
      return {
        title,
        lines: [lateLine(facts, wording.locale)],
        link: link(wording, words.link.rule, `/rules/${facts.rule.id}`),
      };
    case "sample":
      return { title, lines: [words.sample], link: link(wording, words.link.console, "/") };
  }
}

function link({ consoleUrl }: Wording, label: string, path: string): NoticeText["link"] {
  return consoleUrl ? { label, href: new URL(path, consoleUrl).href } : null;
}

function titleOf({ event, facts }: Notice, locale: Locale): string {
  const { title, titleOfVerifying } = WORDS[locale];
  const own = isOfVerifying(facts) && event in titleOfVerifying;
  const text = own ? titleOfVerifying[event as keyof typeof titleOfVerifying] : title[event];
  switch (facts.kind) {
    case "task":
      return fill(text, { rule: facts.rule.name, number: String(facts.task.number) });
    case "instance":
      return fill(text, { instance: facts.instance.name });
    case "schedule":
      return fill(text, { rule: facts.rule.name });
    case "sample":
      return text;
  }
}

/** A task that was started to verify, or the schedule of such tasks. */
function isOfVerifying(facts: NoticeFacts): boolean {
  return facts.kind === "task"
    ? facts.task.trigger === "verify"
    : facts.kind === "schedule" && facts.of === "verify";
}

function taskLines(facts: TaskFacts, locale: Locale): string[] {
  const words = WORDS[locale];
  const { task } = facts;
  const durationMs = task.startedAt === null ? 0 : Date.parse(task.endedAt) - Date.parse(task.startedAt);
  return [
    pathLine(facts, locale),
    ...(task.status === "nothing-matched" ? [words.result.nothing] : resultLine(facts, locale)),
    ...verifiedLine(facts, locale),
    ...facts.reasons.slice(0, REASONS).map((reason) => reasonLine(reason, locale)),
    fill(words.duration, {
      duration: formatDuration(durationMs, locale),
      trigger: words.trigger[task.trigger],
    }),
  ];
}

function pathLine({ source, targets }: TaskFacts, locale: Locale): string {
  const named = targets
    .slice(0, TARGETS)
    .map((target) => placeName({ ...target, namespace: target.namespace ?? source.namespace }, locale));
  const rest = targets.length - named.length;
  const more = rest > 0 ? [fill(WORDS[locale].more, { n: String(rest) })] : [];
  return `${placeName(source, locale)} → ${joinList([...named, ...more], locale)}`;
}

function placeName({ instance, namespace }: NoticePlace, locale: Locale): string {
  return `${instance.name}/${namespace || WORDS[locale].root}`;
}

function resultLine({ result }: TaskFacts, locale: Locale): string[] {
  const words = WORDS[locale].result;
  const parts = (["copied", "upToDate", "failed", "skipped", "stopped"] as const)
    .filter((part) => result[part] > 0)
    .map((part) => fill(words[part], { n: String(result[part]) }));
  return parts.length === 0
    ? []
    : [fill(words.total, { n: String(result.total), parts: joinClauses(parts, locale) })];
}

/** What verifying came to, what it mended before all: that was lost at the target. */
function verifiedLine({ verified }: TaskFacts, locale: Locale): string[] {
  if (!verified) {
    return [];
  }
  const words = WORDS[locale].verified;
  const parts = (["whole", "repaired", "incomplete"] as const)
    .filter((part) => part === "whole" || verified[part] > 0)
    .map((part) => fill(words[part], { n: String(verified[part]) }));
  return [fill(words.all, { parts: joinClauses(parts, locale) })];
}

function reasonLine(reason: NoticeReason, locale: Locale): string {
  const words = WORDS[locale];
  const { count, fact, instance, repository, tag } = reason;
  const { title, advice } = errorSentence(
    fact,
    { instance, ...(repository ? { namespace: repository } : {}), ...(tag ? { tag } : {}) },
    locale,
    FAILURES[locale],
  );
  const example = repository && tag ? fill(words.reasonExample, { reference: `${repository}:${tag}` }) : null;
  const told = joinClauses([title, ...(example ? [example] : [])], locale);
  return fill(count === 0 ? words.scanReason : words.reason, {
    n: String(count),
    title: told,
    advice,
  }).trim();
}

function instanceLines({ instance, reachable, since, until, fact }: InstanceFacts, locale: Locale): string[] {
  const words = WORDS[locale];
  if (reachable) {
    const ms = Date.parse(until ?? since) - Date.parse(since);
    return [fill(words.away, { duration: formatDuration(ms, locale) })];
  }
  const sentence = fact
    ? errorSentence(fact, { instance: instance.name }, locale, FAILURES[locale])
    : { title: "", advice: "" };
  const told = [sentence.title, sentence.advice].filter((part) => part !== "");
  return [...told, fill(words.since, { time: formatAbsolute(since, { locale }) })];
}

function lateLine({ dueAt, firedAt }: ScheduleFacts, locale: Locale): string {
  return fill(WORDS[locale].late, {
    due: formatAbsolute(dueAt, { locale }),
    fired: formatAbsolute(firedAt, { locale }),
  });
}

/** What needs a hand comes first. */
const URGENCY: readonly NoticeEvent[] = [
  "instance-unreachable",
  "task-failed",
  "task-partial",
  "schedule-late",
  "task-nothing-matched",
  "instance-reachable",
  "task-recovered",
  "task-stopped",
  "task-succeeded",
  "test",
];

function digestText(notices: readonly Notice[], wording: Wording): NoticeText {
  const words = WORDS[wording.locale];
  const ordered = [...notices].sort((a, b) => URGENCY.indexOf(a.event) - URGENCY.indexOf(b.event));
  const counts = URGENCY.flatMap((event) => {
    const n = notices.filter((notice) => notice.event === event).length;
    return n > 0 ? [fill(words.count[event], { n: String(n) })] : [];
  });
  const named = ordered.slice(0, NAMED).map((notice) => titleOf(notice, wording.locale));
  const rest = notices.length - named.length;
  return {
    title: fill(words.title.digest, { n: String(notices.length) }),
    lines: [
      joinClauses(counts, wording.locale),
      ...named,
      ...(rest > 0 ? [fill(words.more, { n: String(rest) })] : []),
    ],
    link: link(wording, words.link.tasks, "/tasks"),
  };
}

const fill = (text: string, values: Record<string, string>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
