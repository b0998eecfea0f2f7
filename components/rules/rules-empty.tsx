import { Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import { EmptyState } from "../kit/empty-state.tsx";
import { LinkButton } from "../kit/link-button.tsx";

/** First use of an instance: what a rule is, one action, three steps. */
export function RulesEmpty({ instance }: { instance: InstanceOption }) {
  const t = useTranslations("rules.empty");
  const mayManage = instance.grants.level === "manage";
  return (
    <EmptyState
      title={t("title", { instance: instance.name })}
      body={mayManage ? t("body") : `${t("body")}${t("needsManage")}`}
      action={
        mayManage ? (
          <LinkButton
            variant="primary"
            size="lg"
            data-key="n"
            href={`/rules/new?instance=${instance.id}`}
            icon={<Plus aria-hidden />}
          >
            {t("action")}
          </LinkButton>
        ) : null
      }
      steps={[t("step1", { instance: instance.name }), t("step2"), t("step3")]}
    />
  );
}
