"use client";

import { Ellipsis } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { RuleListRow } from "@/lib/schemas/rule.ts";
import { type LastTask, OPEN_TASK_STATUSES } from "@/lib/schemas/task.ts";
import { lazily } from "../kit/lazily.tsx";
import { Menu } from "../kit/menu.tsx";
import type { MenuItem } from "../kit/menu-items.ts";
import { TextAction, TextLink } from "../kit/text-action.tsx";
import { useTrigger, useTriggerRefusal } from "./use-trigger.ts";

const DeleteRuleDialog = lazily(() => import("./delete-rule.tsx").then((module) => module.DeleteRuleDialog), {
  layer: true,
});

export function isOpen(task: LastTask | null): task is LastTask {
  return task !== null && (OPEN_TASK_STATUSES as readonly string[]).includes(task.status);
}

const VerifyDialog = lazily(
  () => import("../verify/verify-dialog.tsx").then((module) => module.VerifyDialog),
  { layer: true },
);

/** 触发同步 (查看任务 while one runs), 配置, 删除 in words where there is room; everything, with 创建副本, in a menu. */
export function RuleActions({ rule }: { rule: RuleListRow }) {
  const t = useTranslations("rules");
  const [deleting, setDeleting] = useState(false);
  const [verifying, setVerifying] = useState(false);
  const { trigger, busy, question } = useTrigger(rule);
  const refusal = useTriggerRefusal(rule);
  const needsManage = rule.may.manage ? null : t("needsManage");
  const running = isOpen(rule.lastTask) ? rule.lastTask : null;
  const itemsOf = useMenuItems();
  // Worked out when it opens: a list has a menu a row, and most are never opened.
  const items = (): MenuItem[] => [
    ...(running ? [{ kind: "link", label: t("viewTask"), href: `/tasks/${running.id}` } as const] : []),
    { kind: "action", label: t("trigger"), onSelect: () => void trigger(), disabledReason: refusal },
    ...itemsOf({
      rule,
      needsManage,
      verify: { refusal, onVerify: () => setVerifying(true) },
      onDelete: () => setDeleting(true),
    }),
  ];
  return (
    <>
      {question}
      <div className="flex items-center justify-end gap-3.5 xl:justify-start">
        {running ? (
          <TextLink data-key="t" href={`/tasks/${running.id}`} className="max-xl:hidden!">
            {t("viewTask")}
          </TextLink>
        ) : (
          <TextAction
            data-key="t"
            busy={busy}
            disabledReason={refusal}
            onClick={() => void trigger()}
            className="max-xl:hidden!"
          >
            {t("trigger")}
          </TextAction>
        )}
        <Configure rule={rule} needsManage={needsManage} />
        <TextAction
          disabledReason={needsManage}
          onClick={() => setDeleting(true)}
          className="max-[87.5rem]:hidden!"
        >
          {t("remove")}
        </TextAction>
        <Menu
          items={items}
          trigger={
            <button
              type="button"
              aria-label={t("moreActions", { rule: rule.name })}
              className="-mx-1 flex size-6 items-center justify-center rounded-sm text-ink-3 hover:text-ink max-md:size-11"
            >
              <Ellipsis aria-hidden className="size-4" />
            </button>
          }
        />
      </div>
      {verifying ? <VerifyDialog rule={rule} open onOpenChange={setVerifying} /> : null}
      {deleting ? <DeleteRuleDialog rule={rule} open onOpenChange={setDeleting} /> : null}
    </>
  );
}

function Configure({ rule, needsManage }: { rule: RuleListRow; needsManage: string | null }) {
  const t = useTranslations("rules");
  return needsManage === null ? (
    <TextLink data-key="e" href={`/rules/${rule.id}/edit`} className="max-[87.5rem]:hidden!">
      {t("configure")}
    </TextLink>
  ) : (
    <TextAction data-key="e" disabledReason={needsManage} className="max-[87.5rem]:hidden!">
      {t("configure")}
    </TextAction>
  );
}

interface MenuOf {
  rule: RuleListRow;
  needsManage: string | null;
  /** And why it cannot be asked for now; null: it can. */
  verify: { refusal: string | null; onVerify: () => void };
  onDelete: () => void;
}

/** 校验, 配置, 创建副本, 删除. */
export function useMenuItems(): (of: MenuOf) => MenuItem[] {
  const t = useTranslations("rules");
  const words = useTranslations("verify");
  const link = (needsManage: string | null, label: string, href: string): MenuItem =>
    needsManage === null
      ? { kind: "link", label, href }
      : { kind: "action", label, onSelect: () => {}, disabledReason: needsManage };
  return ({ rule, needsManage, verify, onDelete }) => [
    {
      kind: "action",
      label: words("action"),
      onSelect: verify.onVerify,
      disabledReason: verify.refusal,
    },
    link(needsManage, t("configure"), `/rules/${rule.id}/edit`),
    link(needsManage, t("duplicate"), `/rules/new?instance=${rule.sourceInstance.id}&from=${rule.id}`),
    { kind: "separator" },
    { kind: "action", label: t("remove"), danger: true, onSelect: onDelete, disabledReason: needsManage },
  ];
}
