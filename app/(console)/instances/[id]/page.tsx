import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { consolePage } from "@/app/console-page.tsx";
import { InstanceView } from "@/components/instances/instance-view.tsx";
import { FirstStepsBar } from "@/components/overview/first-steps-bar.tsx";
import { authorizePage, refusePage } from "@/lib/auth/page.ts";
import { config } from "@/lib/config.ts";
import { getFirstSteps } from "@/lib/data/first-steps.ts";
import { getInstanceDetail } from "@/lib/data/instance-detail.ts";

const pageTitle = async () => (await getTranslations("instances"))("title");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

async function InstancePage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const actor = await authorizePage("instance:view", { instanceId: id });
  const [detail, steps] = await Promise.all([
    getInstanceDetail(actor, id).catch(refusePage),
    getFirstSteps(actor),
  ]);
  return (
    <>
      {steps ? <FirstStepsBar steps={steps} here="other" /> : null}
      <InstanceView
        initial={detail}
        root={actor.user.role === "root"}
        consoleUrl={config().publicUrl?.origin ?? null}
      />
    </>
  );
}

InstancePage.heading = pageTitle;

export default consolePage(InstancePage, [
  "common.health",
  "errors.failure",
  "events",
  "instances",
  "limits",
  "status.live",
  "status.load",
  "validation",
]);
