"use client";

import { Copy, Ellipsis, Pencil, ShieldCheck, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { joinList } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import type { RuleDetail, RuleRow } from "@/lib/schemas/rule.ts";
import { Button } from "../kit/button.tsx";
import { lazily } from "../kit/lazily.tsx";
import { LinkButton } from "../kit/link-button.tsx";
import { Menu } from "../kit/menu.tsx";
import { Note } from "../kit/note.tsx";
import { PageHead } from "../kit/page-head.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { LiveMark } from "../live/live-mark.tsx";
import { LoadFailed } from "../live/load-failed.tsx";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { LastFailure } from "./last-failure.tsx";
import { useMenuItems } from "./rule-actions.tsx";
import { RuleFacts } from "./rule-facts.tsx";
import { RuleSwitch } from "./rule-switch.tsx";
import { MissedNote } from "./rule-triggers.tsx";
import { useRuleRefetch } from "./use-rule-refetch.ts";
import { useTrigger, useTriggerRefusal } from "./use-trigger.ts";

const DeleteRuleDialog = lazily(() => import("./delete-rule.tsx").then((module) => module.DeleteRuleDialog), {
  layer: true,
});

const VerifyDialog = lazily(
  () => import("../verify/verify-dialog.tsx").then((module) => module.VerifyDialog),
  { layer: true },
);
const VerifyMissedNote = lazily(() =>
  import("../verify/verified-fact.tsx").then((module) => module.VerifyMissedNote),
);

/** Head of a rule's page: its name and switch, what can be done, its configuration and its last 30 days. */
export function RuleView({ initial }: { initial: RuleDetail }) {
  const locale = useLocale() as Locale;
  const t = useTranslations("rules");
  const refetchInterval = useRuleRefetch([initial]);
  const query = useQuery({
    queryKey: queryKeys.rule(initial.id),
    queryFn: ({ signal }) => fetchJson<RuleDetail>(`/api/rules/${initial.id}`, signal),
    initialData: initial,
    refetchInterval,
  });
  const rule = query.data;
  const list = `/rules?instance=${rule.sourceInstance.id}`;
  return (
    <>
      <PageHead
        line={false}
        crumbs={[
          { label: t("title"), href: list },
          { label: rule.sourceInstance.name, href: list },
          { label: rule.name },
        ]}
        title={rule.name}
        beside={
          <span className="flex items-center gap-2 text-ink-2">
            <RuleSwitch rule={rule} />
            {t(rule.enabled ? "enabled" : "disabled")}
          </span>
        }
        facts={rule.description === "" ? null : <span className="wrap-anywhere">{rule.description}</span>}
        actions={
          <>
            <LiveMark updatedAt={query.dataUpdatedAt} failing={query.isError} />
            <RuleButtons rule={rule} />
          </>
        }
      />
      <div className={query.isError ? "pb-4" : undefined}>
        <LoadFailed query={query} title={t("loadFailedOne")} />
      </div>
      <LastFailure rule={rule} />
      {rule.schedule?.missedSince ? (
        <div className="px-6 pb-3 max-md:px-4">
          <MissedNote since={rule.schedule.missedSince} />
        </div>
      ) : null}
      {rule.verifyMissedSince ? (
        <div className="px-6 pb-3 max-md:px-4">
          <VerifyMissedNote since={rule.verifyMissedSince} />
        </div>
      ) : null}
      {rule.targets.some((target) => target.paused) ? (
        <div className="px-6 pb-3 max-md:px-4">
          <Note tone="gamboge">
            {t("pausedNote", {
              instances: joinList(
                rule.targets.filter((target) => target.paused).map(({ instance }) => instance.name),
                locale,
              ),
            })}
          </Note>
        </div>
      ) : null}
      <RuleFacts rule={rule} />
    </>
  );
}

function RuleButtons({ rule }: { rule: RuleRow }) {
  const t = useTranslations("rules");
  const router = useRouter();
  const [deleting, setDeleting] = useState(false);
  const { trigger, busy, question } = useTrigger(rule);
  const refusal = useTriggerRefusal(rule);
  const needsManage = rule.may.manage ? null : t("needsManage");
  const [verifying, setVerifying] = useState(false);
  const verify = { refusal, onVerify: () => setVerifying(true) };
  const items = useMenuItems()({ rule, needsManage, verify, onDelete: () => setDeleting(true) });
  const words = useTranslations("verify");
  return (
    <>
      {question}
      <span className="contents max-md:hidden">
        <WideButtons rule={rule} needsManage={needsManage} onDelete={() => setDeleting(true)} />
        <Button icon={<ShieldCheck aria-hidden />} disabledReason={refusal} onClick={verify.onVerify}>
          {words("action")}
        </Button>
      </span>
      <span className="md:hidden">
        <Menu
          items={items}
          trigger={
            <Button aria-label={t("moreActions", { rule: rule.name })} icon={<Ellipsis aria-hidden />} />
          }
        />
      </span>
      <Button
        variant="primary"
        data-key="t"
        busy={busy}
        busyLabel={t("triggering")}
        disabledReason={refusal}
        onClick={() => void trigger()}
      >
        {t("trigger")}
      </Button>
      {verifying ? <VerifyDialog rule={rule} open onOpenChange={setVerifying} /> : null}
      {deleting ? (
        <DeleteRuleDialog
          rule={rule}
          open
          onOpenChange={setDeleting}
          onDeleted={() => router.push(`/rules?instance=${rule.sourceInstance.id}`)}
        />
      ) : null}
    </>
  );
}

interface WideButtonsProps {
  rule: RuleRow;
  needsManage: string | null;
  onDelete: () => void;
}

/** What stands in words beside the primary button where there is room. */
function WideButtons({ rule, needsManage, onDelete }: WideButtonsProps) {
  const t = useTranslations("rules");
  return (
    <>
      <Button variant="quiet" icon={<Trash2 aria-hidden />} disabledReason={needsManage} onClick={onDelete}>
        {t("remove")}
      </Button>
      {needsManage === null ? (
        <>
          <LinkButton
            variant="quiet"
            href={`/rules/new?instance=${rule.sourceInstance.id}&from=${rule.id}`}
            icon={<Copy aria-hidden />}
          >
            {t("duplicate")}
          </LinkButton>
          <LinkButton data-key="e" href={`/rules/${rule.id}/edit`} icon={<Pencil aria-hidden />}>
            {t("configure")}
          </LinkButton>
        </>
      ) : (
        <Button icon={<Pencil aria-hidden />} disabledReason={needsManage}>
          {t("configure")}
        </Button>
      )}
    </>
  );
}
