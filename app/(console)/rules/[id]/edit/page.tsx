import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { consolePage } from "@/app/console-page.tsx";
import { PageHead } from "@/components/kit/page-head.tsx";
import { EventNote } from "@/components/rules/event-note.tsx";
import { RuleForm } from "@/components/rules/rule-form.tsx";
import { authorizePage } from "@/lib/auth/page.ts";
import { instanceEvents } from "@/lib/data/instance-events.ts";
import { listInstanceOptions } from "@/lib/data/instance-options.ts";
import { getRule } from "@/lib/data/rules.ts";
import type { TaskRow } from "@/lib/schemas/task.ts";

const pageTitle = async () => (await getTranslations("rules.form"))("titleEdit");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

const RUNNING = new Set<TaskRow["status"]>(["scanning", "running"]);

/** 配置: every parameter of a rule. */
async function EditRulePage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const actor = await authorizePage("rule:edit", { ruleId: id });
  const [rule, instances, t] = await Promise.all([
    getRule(actor, id),
    listInstanceOptions(actor),
    getTranslations("rules"),
  ]);
  const source = instances.find((option) => option.id === rule.sourceInstance.id);
  if (!source) {
    notFound();
  }
  const named = new Set(rule.targets.map((target) => target.instance.id));
  const events = await instanceEvents(
    await authorizePage("instance:view", { instanceId: source.id }),
    source.id,
  );
  const list = `/rules?instance=${source.id}`;
  const running = rule.lastTask && RUNNING.has(rule.lastTask.status) ? `#${rule.lastTask.number}` : null;
  return (
    <>
      <PageHead
        crumbs={[
          { label: t("title"), href: list },
          { label: source.name, href: list },
          { label: rule.name, href: `/rules/${rule.id}` },
          { label: t("form.crumbEdit") },
        ]}
        title={t("form.titleEdit")}
      />
      <RuleForm
        source={source}
        targets={instances.filter((option) => option.grants.receive || named.has(option.id))}
        rule={rule}
        runningTask={running}
        heard={<EventNote instance={source} events={events} />}
      />
    </>
  );
}

EditRulePage.heading = pageTitle;

export default consolePage(EditRulePage, [
  "common.combobox",
  "common.health",
  "common.unsaved",
  "deletions.form",
  "errors.failure",
  "pattern",
  "preview",
  "rules.*",
  "rules.aside",
  "rules.conflict",
  "rules.form",
  "rules.schedule",
  "rules.toast",
  "rules.type",
  "validation",
  "verify.form",
]);
