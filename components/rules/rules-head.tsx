"use client";

import { Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import type { RuleListQuery } from "@/lib/schemas/rule.ts";
import { Button } from "../kit/button.tsx";
import { LinkButton } from "../kit/link-button.tsx";
import { PageHead } from "../kit/page-head.tsx";
import { Tabs } from "../kit/tabs.tsx";
import { LiveMark } from "../live/live-mark.tsx";
import { useNewest } from "../live/query.tsx";
import { InstanceSwitcher } from "./instance-switcher.tsx";

interface RulesHeadProps {
  current: InstanceOption;
  view: RuleListQuery["view"];
  /** Rules that start here, and rules that point here; null: not for this visitor. */
  counts: { rules: number; incoming: number } | null;
  /** First use, where the empty page has the one button, and a page that is refused. */
  empty?: boolean;
}

/** Title, 实例名称, whether the page is live, 新建, and the three tabs. */
export function RulesHead({ current, view, counts, empty = false }: RulesHeadProps) {
  const t = useTranslations("rules");
  const mayManage = current.grants.level === "manage";
  const tab = (name: RuleListQuery["view"]) =>
    `/rules?instance=${current.id}${name === "rules" ? "" : `&view=${name}`}`;
  return (
    <>
      <PageHead
        line={false}
        title={t("title")}
        beside={<InstanceSwitcher current={current} />}
        actions={
          <>
            <ListLiveMark keys={view === "tasks" ? "tasks" : "rules"} />
            {empty ? null : mayManage ? (
              <LinkButton
                variant="primary"
                data-key="n"
                href={`/rules/new?instance=${current.id}`}
                icon={<Plus aria-hidden />}
              >
                {t("new")}
              </LinkButton>
            ) : (
              <Button
                variant="primary"
                data-key="n"
                icon={<Plus aria-hidden />}
                disabledReason={t("needsManage")}
              >
                {t("new")}
              </Button>
            )}
          </>
        }
      />
      <Tabs
        label={t("tabs.label")}
        items={(["rules", "tasks", "incoming"] as const).map((name) => ({
          href: tab(name),
          label: t(`tabs.${name}`),
          current: view === name,
          ...(name === "tasks" || counts === null ? {} : { count: counts[name] }),
        }))}
      />
    </>
  );
}

/** The mark of whichever list the page shows: the newest query of that kind. */
export function ListLiveMark({ keys }: { keys: "rules" | "tasks" }) {
  const { updatedAt, failing } = useNewest([keys]);
  return <LiveMark updatedAt={updatedAt} failing={failing} />;
}
