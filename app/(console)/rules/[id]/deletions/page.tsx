import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { consolePage, listPart } from "@/app/console-page.tsx";
import { DeletionTableSkeleton } from "@/components/deletions/deletion-head.tsx";
import { DeletionList } from "@/components/deletions/deletion-list.tsx";
import { DeletionsSkeleton } from "@/components/deletions/deletions-skeleton.tsx";
import { Link } from "@/components/kit/link.tsx";
import { Note } from "@/components/kit/note.tsx";
import { PageHead } from "@/components/kit/page-head.tsx";
import type { Actor } from "@/lib/auth/actor.ts";
import { authorizePage } from "@/lib/auth/page.ts";
import { listDeletions } from "@/lib/data/deletions.ts";
import { getRule } from "@/lib/data/rules.ts";
import { searchOf } from "@/lib/format/search-href.ts";
import { DeletionListQuery } from "@/lib/schemas/deletion.ts";
import type { RuleRow } from "@/lib/schemas/rule.ts";

interface DeletionsPageProps {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const pageTitle = async () => (await getTranslations("deletions"))("title");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

/** What was deleted at the source of a rule, and what becomes of it at the targets. */
async function DeletionsPage({ params, searchParams }: DeletionsPageProps) {
  const { id } = await params;
  const actor = await authorizePage("rule:view", { ruleId: id });
  const query = DeletionListQuery.parse(await searchParams);
  return listPart(() => RuleDeletions({ actor, id, query }), <DeletionsSkeleton />, await pageTitle());
}

interface RuleDeletionsProps {
  actor: Actor<"rule:view">;
  id: string;
  query: DeletionListQuery;
}

async function RuleDeletions({ actor, id, query }: RuleDeletionsProps) {
  const [rule, t, words] = await Promise.all([
    getRule(actor, id),
    getTranslations("deletions"),
    getTranslations("rules"),
  ]);
  const rules = `/rules?instance=${rule.sourceInstance.id}`;
  const { deletion } = rule;
  return (
    <>
      <PageHead
        crumbs={[
          { label: words("title"), href: rules },
          { label: rule.sourceInstance.name, href: rules },
          { label: rule.name, href: `/rules/${rule.id}` },
          { label: t("title") },
        ]}
        title={t("title")}
        facts={deletion ? t("settings", { hours: deletion.delayHours, share: deletion.share }) : null}
      />
      {deletion ? null : (
        <div className="px-6 pt-3 max-md:px-4">
          <Note tone="azurite">
            {t("off")}
            {rule.may.manage ? (
              <Link href={`/rules/${rule.id}/edit`} className="link ms-2">
                {t("turnOn")}
              </Link>
            ) : null}
          </Note>
        </div>
      )}
      {await listPart(() => Deletions({ actor, rule, query }), <DeletionTableSkeleton />)}
    </>
  );
}

interface DeletionsProps {
  actor: Actor<"rule:view">;
  rule: RuleRow;
  query: DeletionListQuery;
}

async function Deletions({ actor, rule: { id, may, deletion }, query }: DeletionsProps) {
  return (
    <DeletionList
      key={id}
      rule={{ id, may, deletion }}
      query={query}
      search={searchOf(query, { size: 50 })}
      initial={await listDeletions(actor, id, query)}
    />
  );
}

DeletionsPage.heading = pageTitle;

export default consolePage(DeletionsPage, ["common.pager", "deletions", "status.live", "status.load"]);
