import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { consolePage } from "@/app/console-page.tsx";
import { EditInstanceForm } from "@/components/instances/edit-instance-form.tsx";
import { PageHead } from "@/components/kit/page-head.tsx";
import { authorizePage, refusePage } from "@/lib/auth/page.ts";
import { getInstance } from "@/lib/data/instances.ts";

const pageTitle = async () => (await getTranslations("instances"))("edit");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

async function EditInstancePage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const actor = await authorizePage("instance:edit", { instanceId: id });
  const instance = await getInstance(actor, id).catch(refusePage);
  const t = await getTranslations("instances");
  return (
    <>
      <PageHead
        crumbs={[
          { label: t("title"), href: "/instances" },
          { label: instance.name, href: `/instances/${id}` },
          { label: t("edit") },
        ]}
        title={t("editTitle", { name: instance.name })}
      />
      <EditInstanceForm instance={instance} />
    </>
  );
}

EditInstancePage.heading = pageTitle;

export default consolePage(EditInstancePage, [
  "common.combobox",
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
  "limits",
  "validation",
]);
