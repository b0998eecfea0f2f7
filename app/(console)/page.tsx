import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { consolePage, listPart } from "@/app/console-page.tsx";
import { OverviewEmpty } from "@/components/overview/overview-empty.tsx";
import { OverviewSkeleton } from "@/components/overview/overview-skeleton.tsx";
import { OverviewView } from "@/components/overview/overview-view.tsx";
import { authorizePage } from "@/lib/auth/page.ts";
import { getOverview } from "@/lib/data/overview.ts";

const pageTitle = async () => (await getTranslations("overview"))("title");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

/** 概览: the last 24 hours, what runs, what needs attention, and how the instances are. The console opens here. */
async function OverviewPage() {
  const actor = await authorizePage("overview:view");
  if (actor.view !== "all" && actor.view.length === 0) {
    return <OverviewEmpty />;
  }
  return listPart(
    async () => <OverviewView initial={await getOverview(actor)} />,
    <OverviewSkeleton />,
    await pageTitle(),
  );
}

OverviewPage.heading = pageTitle;

export default consolePage(OverviewPage, [
  "common.health",
  "errors.failure",
  "overview",
  "status.live",
  "status.load",
  "status.task",
  "tasks.progress",
  "tasks.remark.scanning",
]);
