import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { consolePage } from "@/app/console-page.tsx";
import { InstanceForm } from "@/components/instances/instance-form.tsx";
import { PageHead } from "@/components/kit/page-head.tsx";
import { FirstStepsBar } from "@/components/overview/first-steps-bar.tsx";
import { authorizePage } from "@/lib/auth/page.ts";
import { getFirstSteps } from "@/lib/data/first-steps.ts";

const pageTitle = async () => (await getTranslations("instances"))("add");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

async function NewInstancePage() {
  const actor = await authorizePage("instance:create");
  const [steps, t] = await Promise.all([getFirstSteps(actor), getTranslations("instances")]);
  return (
    <>
      {steps ? <FirstStepsBar steps={steps} here="instance" /> : null}
      <PageHead
        crumbs={[{ label: t("title"), href: "/instances" }, { label: t("add") }]}
        title={t("add")}
        facts={t("form.intro")}
      />
      <InstanceForm />
    </>
  );
}

NewInstancePage.heading = pageTitle;

export default consolePage(NewInstancePage, [
  "common.unsaved",
  "errors.failure",
  "instances.conflict",
  "instances.form",
  "instances.reasons",
  "instances.region",
  "instances.test",
  "instances.vendor",
  "instances.vendorNotes",
  "instances.vendors",
  "validation",
]);
