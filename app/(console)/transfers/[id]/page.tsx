import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { consolePage } from "@/app/console-page.tsx";
import { PageHead } from "@/components/kit/page-head.tsx";
import { TransferDetail } from "@/components/transfers/transfer-detail.tsx";
import { authorizePage } from "@/lib/auth/page.ts";
import { taskEnds } from "@/lib/data/task-ends.ts";
import { getTask } from "@/lib/data/tasks.ts";
import { getTransfer } from "@/lib/data/transfers.ts";

const pageTitle = async () => (await getTranslations("transfers"))("title");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

/** One transfer on a page of its own: what the aside of its task shows. */
async function TransferPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const actor = await authorizePage("task:view", { transferId: id });
  const transfer = await getTransfer(actor, id);
  const [task, t] = await Promise.all([getTask(actor, transfer.taskId), getTranslations()]);
  const ends = await taskEnds(actor, task);
  const list = `/rules?instance=${task.sourceInstance.id}`;
  return (
    <>
      <PageHead
        crumbs={[
          { label: t("rules.title"), href: list },
          { label: task.sourceInstance.name, href: list },
          { label: task.ruleName, href: `/rules/${task.ruleId}` },
          { label: `${t("tasks.title")} #${task.number}`, href: `/tasks/${task.id}` },
          { label: t("transfers.title") },
        ]}
        title={
          <code className="font-medium text-[18px]! wrap-anywhere">
            {`${transfer.repository}:${transfer.tag}`}
          </code>
        }
      />
      <div className="max-w-[760px] px-6 py-4 max-md:px-4">
        <TransferDetail task={task} transfer={transfer} headings="h2" ends={ends} />
      </div>
    </>
  );
}

TransferPage.heading = pageTitle;

export default consolePage(TransferPage, [
  "errors.failure",
  "status.transfer",
  "transfers.copyDigest",
  "transfers.detail",
  "transfers.result",
  "verify.form.depth",
  "verify.transfer",
]);
