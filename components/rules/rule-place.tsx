import clsx from "clsx";
import { Tag } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { joinList } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import type { HealthStatus } from "@/lib/schemas/instance.ts";
import type { RuleListRow, RuleTargetRow } from "@/lib/schemas/rule.ts";
import { HealthShape } from "../kit/health-mark.tsx";
import { OverwriteMark } from "../status/overwrite-mark.tsx";
import { NamespaceName } from "./namespace-name.tsx";
import { PathGlyph } from "./path-glyph.tsx";
import { TYPE_ICON } from "./type-icon.ts";

interface TargetPlaceProps {
  target: RuleTargetRow;
  rest: readonly RuleTargetRow[];
}

/** The namespace at the target is only named where it differs from the source. */
function TargetPlace({ target, rest }: TargetPlaceProps) {
  const locale = useLocale() as Locale;
  const t = useTranslations("rules");
  // In a narrow table, what stands behind it leaves no room for a namespace that could be read.
  const remarked = rest.length > 0 || target.paused;
  return (
    <span className="flex min-w-0 items-baseline gap-1.5 max-md:before:text-azurite-fg max-md:before:content-['→'/'']">
      <span
        className={clsx(
          "truncate",
          target.namespace !== null && "max-w-1/2 shrink-0",
          remarked && "md:max-xl:max-w-none md:max-xl:shrink",
        )}
      >
        {target.instance.name}
      </span>
      {target.namespace === null ? null : (
        <NamespaceName
          namespace={target.namespace}
          className={clsx("text-ink-3", remarked && "md:max-xl:hidden")}
        />
      )}
      <Unhealthy health={target.health} />
      {rest.length > 0 ? (
        <span
          className="whitespace-nowrap text-meta text-ink-3"
          title={joinList(
            rest.map(({ instance }) => instance.name),
            locale,
          )}
        >
          {t("moreTargets", { n: rest.length })}
        </span>
      ) : null}
      {target.paused ? (
        <span className="whitespace-nowrap text-gamboge-fg text-meta" title={t("pausedReason")}>
          {t("paused")}
        </span>
      ) : null}
    </span>
  );
}

/** A target that is not well is marked, with its word. */
function Unhealthy({ health }: { health: HealthStatus }) {
  const t = useTranslations("common.health");
  return health === "slow" || health === "unreachable" ? (
    <span title={t(health)} className="shrink-0 self-center">
      <HealthShape status={health} />
      <span className="sr-only">{t(health)}</span>
    </span>
  ) : null;
}

/** Source namespace over target, joined by the path glyph; on narrow screens in one line. */
export function RulePlace({ rule, incoming }: { rule: RuleListRow; incoming: boolean }) {
  const t = useTranslations("rules");
  const [target, ...rest] = rule.targets;
  const source = incoming ? (
    <span className="flex min-w-0 items-baseline gap-1.5">
      <span className="truncate">{rule.sourceInstance.name}</span>
      <NamespaceName namespace={rule.sourceNamespace} className="text-ink-2" />
    </span>
  ) : (
    <NamespaceName namespace={rule.sourceNamespace} className="block text-ink-2" />
  );
  return (
    <div className="flex items-center gap-2.5">
      <PathGlyph triggers={rule.triggers} enabled={rule.enabled} className="max-md:hidden" />
      <div className="min-w-0 max-md:flex max-md:items-center max-md:gap-2">
        {source}
        {target ? <TargetPlace target={target} rest={rest} /> : null}
      </div>
      {rule.override ? <OverwriteMark word={t("overwrite")} className="ml-auto shrink-0 md:hidden" /> : null}
    </div>
  );
}

/** Repository pattern with the icon of the type, then the tag pattern; blank is said in words. `children` stand behind the tags. */
export function RuleSelection({ rule, children }: { rule: RuleListRow; children?: ReactNode }) {
  const t = useTranslations("rules");
  const TypeIcon = TYPE_ICON[rule.resourceType];
  return (
    <>
      <div className="flex min-w-0 items-center gap-1.5">
        <TypeIcon
          role="img"
          aria-label={t(`type.${rule.resourceType}`)}
          className="size-3.5 shrink-0 stroke-[1.75] text-ink-3"
        />
        <PatternText pattern={rule.repositoryPattern} blank={t("allRepositories")} />
      </div>
      <div className="flex min-w-0 items-center gap-1.5">
        <Tag aria-hidden className="size-3.5 shrink-0 stroke-[1.75] text-ink-3" />
        <PatternText pattern={rule.tagPattern} blank={t("allTags")} />
        {children}
        {rule.override ? <OverwriteMark word={t("overwrite")} className="ml-1 shrink-0" /> : null}
      </div>
    </>
  );
}

export function PatternText({ pattern, blank }: { pattern: string; blank: string }) {
  return pattern === "" ? (
    <span className="truncate text-ink-2">{blank}</span>
  ) : (
    <code className="truncate text-ink-2" title={pattern}>
      {pattern}
    </code>
  );
}
