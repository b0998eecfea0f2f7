import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { consolePage } from "@/app/console-page.tsx";
import { PageHead } from "@/components/kit/page-head.tsx";
import { FirstStepsBar } from "@/components/overview/first-steps-bar.tsx";
import { EventNote } from "@/components/rules/event-note.tsx";
import { RuleForm } from "@/components/rules/rule-form.tsx";
import { authorizePage, refusePage } from "@/lib/auth/page.ts";
import { getFirstSteps } from "@/lib/data/first-steps.ts";
import { instanceEvents } from "@/lib/data/instance-events.ts";
import { listInstanceOptions } from "@/lib/data/instance-options.ts";
import { ruleToCopy } from "@/lib/data/rule-copy.ts";
import { RuleListQuery } from "@/lib/schemas/rule.ts";

const pageTitle = async () => (await getTranslations("rules.form"))("titleNew");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

interface NewRulePageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** 新建实例同步规则, for the instance of the URL; with `from` it begins as a copy of that rule. */
async function NewRulePage({ searchParams }: NewRulePageProps) {
  const params = await searchParams;
  const { instance } = RuleListQuery.parse(params);
  if (!instance) {
    redirect("/rules");
  }
  const actor = await authorizePage("rule:create", { instanceId: instance });
  const [instances, steps, t, copied] = await Promise.all([
    listInstanceOptions(actor),
    getFirstSteps(actor),
    getTranslations("rules"),
    typeof params.from === "string" ? ruleToCopy(actor, params.from).catch(refusePage) : null,
  ]);
  const source = instances.find(({ id }) => id === instance);
  if (!source || (copied && copied.sourceInstance.id !== source.id)) {
    notFound();
  }
  const events = await instanceEvents(
    await authorizePage("instance:view", { instanceId: source.id }),
    source.id,
  );
  const list = `/rules?instance=${source.id}`;
  return (
    <>
      {steps ? <FirstStepsBar steps={steps} here="rule" /> : null}
      <PageHead
        crumbs={[
          { label: t("title"), href: list },
          { label: source.name, href: list },
          { label: t("form.crumbNew") },
        ]}
        title={t("form.titleNew")}
      />
      <RuleForm
        source={source}
        targets={instances.filter(({ grants }) => grants.receive)}
        rule={null}
        copied={copied}
        runningTask={null}
        first={steps !== null}
        heard={<EventNote instance={source} events={events} />}
      />
    </>
  );
}

NewRulePage.heading = pageTitle;

export default consolePage(NewRulePage, [
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
