import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { consolePage, listPart } from "@/app/console-page.tsx";
import { AuditFilters } from "@/components/audit/audit-filters.tsx";
import { AuditTableSkeleton } from "@/components/audit/audit-head.tsx";
import { AuditTable } from "@/components/audit/audit-table.tsx";
import { FilteredEmpty } from "@/components/kit/filtered-empty.tsx";
import { PageHead } from "@/components/kit/page-head.tsx";
import { Pager } from "@/components/kit/pager.tsx";
import { FilterSpace } from "@/components/kit/skeleton.tsx";
import type { Actor } from "@/lib/auth/actor.ts";
import { authorizePage } from "@/lib/auth/page.ts";
import { auditChoices, listAudit } from "@/lib/data/audit.ts";
import { AuditListQuery } from "@/lib/schemas/user.ts";

const pageTitle = async () => (await getTranslations("audit"))("title");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

interface AuditPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

async function AuditPage({ searchParams }: AuditPageProps) {
  const actor = await authorizePage("audit:view");
  const query = AuditListQuery.parse(await searchParams);
  const t = await getTranslations("audit");
  return (
    <>
      <PageHead title={t("title")} beside={<p className="text-ink-3">{t("intro")}</p>} line={false} />
      {
        await listPart(
          () => AuditList({ actor, query }),
          <>
            <FilterSpace narrow="max-md:h-[157px]" className="border-line border-t" />
            <AuditTableSkeleton />
          </>,
        )
      }
    </>
  );
}

interface AuditListProps {
  actor: Actor<"audit:view">;
  query: AuditListQuery;
}

async function AuditList({ actor, query }: AuditListProps) {
  const [choices, page, t, common] = await Promise.all([
    auditChoices(actor),
    listAudit(actor, query),
    getTranslations("audit"),
    getTranslations("common"),
  ]);
  const filters = [
    query.q ? t("filter.q", { q: query.q }) : null,
    query.outcome ? t(`outcomes.${query.outcome}`) : null,
    query.actor,
    query.action ? (t.has(`actions.${query.action}`) ? t(`actions.${query.action}`) : query.action) : null,
    query.since ? t(`filter.${query.since}`) : null,
  ].filter(Boolean);
  return (
    <>
      <AuditFilters query={query} {...choices} />
      <AuditTable rows={page.rows} />
      {page.rows.length === 0 ? (
        filters.length > 0 ? (
          <FilteredEmpty clearLabel={common("clearFilters")} clearHref="/audit">
            {t("filteredEmpty", { filters: filters.join(common("listSeparator")) })}
          </FilteredEmpty>
        ) : (
          <p className="px-6 py-5 text-ink-2 max-md:px-4">{t("empty")}</p>
        )
      ) : null}
      <div className="mt-auto">
        <Pager next={page.next} previous={page.previous} size={query.size} />
      </div>
    </>
  );
}

AuditPage.heading = pageTitle;

export default consolePage(AuditPage, ["audit", "common.grant", "common.pager", "common.search"]);
