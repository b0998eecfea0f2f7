import { Plus } from "lucide-react";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { consolePage, listPart } from "@/app/console-page.tsx";
import { InstanceTableSkeleton } from "@/components/instances/instance-head.tsx";
import { InstanceSummary } from "@/components/instances/instance-summary.tsx";
import { InstanceTable } from "@/components/instances/instance-table.tsx";
import { EmptyState } from "@/components/kit/empty-state.tsx";
import { LinkButton } from "@/components/kit/link-button.tsx";
import { PageHead } from "@/components/kit/page-head.tsx";
import { SearchField } from "@/components/kit/search-field.tsx";
import type { Actor } from "@/lib/auth/actor.ts";
import { authorizePage } from "@/lib/auth/page.ts";
import { instanceConcerns } from "@/lib/data/instance-feeds.ts";
import { listInstanceOptions } from "@/lib/data/instance-options.ts";
import { listInstances } from "@/lib/data/instances.ts";
import { InstanceListQuery } from "@/lib/schemas/instance.ts";

const pageTitle = async () => (await getTranslations("instances"))("title");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

interface InstancesPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

async function InstancesPage({ searchParams }: InstancesPageProps) {
  const actor = await authorizePage("instance:list");
  const query = InstanceListQuery.parse(await searchParams);
  const [options, t] = await Promise.all([listInstanceOptions(actor), getTranslations("instances")]);
  const root = actor.user.role === "root";
  const add = (
    <LinkButton href="/instances/new" data-key="n" variant="primary" icon={<Plus aria-hidden />}>
      {t("add")}
    </LinkButton>
  );
  if (options.length === 0) {
    return (
      <>
        <PageHead title={t("title")} />
        {root ? (
          <EmptyState
            title={t("empty.title")}
            body={t("empty.body")}
            action={add}
            steps={[t("empty.step1"), t("empty.step2"), t("empty.step3")]}
          />
        ) : (
          <EmptyState title={t("emptyForUser.title")} body={t("emptyForUser.body")} />
        )}
      </>
    );
  }
  return (
    <>
      <PageHead
        title={t("title")}
        beside={<InstanceSummary initial={options} />}
        line={false}
        actions={
          <>
            <SearchField label={t("search")} className="w-60 max-md:order-last max-md:w-full" />
            {root ? add : null}
          </>
        }
      />
      <div className="flex flex-1 flex-col border-line border-t">
        {await listPart(() => InstanceList({ actor, query }), <InstanceTableSkeleton />)}
      </div>
    </>
  );
}

interface InstanceListProps {
  actor: Actor<"instance:list">;
  query: InstanceListQuery;
}

async function InstanceList({ actor, query }: InstanceListProps) {
  const page = await listInstances(actor, query);
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)]],
  );
  const first = query.q === undefined && query.after === undefined && query.before === undefined;
  return (
    <InstanceTable
      initial={page}
      concerns={first ? await instanceConcerns(actor) : null}
      sort={query.sort}
      search={new URLSearchParams(given).toString()}
      q={query.q}
      size={query.size}
    />
  );
}

InstancesPage.heading = pageTitle;

export default consolePage(InstancesPage, [
  "common.grant.receive",
  "common.health",
  "common.pager",
  "common.search",
  "errors.failure",
  "instances.*",
  "instances.capabilities",
  "instances.concerns",
  "instances.credential",
  "instances.needs",
  "instances.reasons",
  "instances.test",
  "instances.vendors",
  "status.load",
]);
