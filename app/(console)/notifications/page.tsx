import { Plus } from "lucide-react";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { consolePage, listPart } from "@/app/console-page.tsx";
import { EmptyState } from "@/components/kit/empty-state.tsx";
import { FilteredEmpty } from "@/components/kit/filtered-empty.tsx";
import { PageHead } from "@/components/kit/page-head.tsx";
import { Pager } from "@/components/kit/pager.tsx";
import { Tabs } from "@/components/kit/tabs.tsx";
import { AddressTableSkeleton } from "@/components/notices/address-head.tsx";
import { AddressTable } from "@/components/notices/address-table.tsx";
import { DeliveryFilters } from "@/components/notices/delivery-filters.tsx";
import { DeliveryTableSkeleton } from "@/components/notices/delivery-head.tsx";
import { DeliveryTable } from "@/components/notices/delivery-table.tsx";
import { LiveRefresh } from "@/components/notices/live-refresh.tsx";
import { NewAddress } from "@/components/notices/new-address.tsx";
import { VerifyGuide } from "@/components/notices/verify-guide.tsx";
import type { Actor } from "@/lib/auth/actor.ts";
import { authorizePage } from "@/lib/auth/page.ts";
import { listInstanceOptions } from "@/lib/data/instance-options.ts";
import { hasNoticeAddresses, listNoticeAddresses, listNoticeDeliveries } from "@/lib/data/notices.ts";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import { type NoticeAddressRow, NoticeQuery } from "@/lib/schemas/notice.ts";
import { RETENTION_DAYS } from "@/lib/schemas/words.ts";

const pageTitle = async () => (await getTranslations("notices"))("title");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

interface NotificationsPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const VIEWS = ["addresses", "deliveries", "verify"] as const;

async function NotificationsPage({ searchParams }: NotificationsPageProps) {
  const actor = await authorizePage("notice:view");
  const query = NoticeQuery.parse(await searchParams);
  const [some, instances, t] = await Promise.all([
    hasNoticeAddresses(actor),
    listInstanceOptions(actor),
    getTranslations("notices"),
  ]);
  const create = <NewAddress instances={instances} icon={<Plus aria-hidden />} />;
  const tabs = VIEWS.map((view) => ({
    href: view === "addresses" ? "/notifications" : `/notifications?view=${view}`,
    label: t(`tabs.${view}`),
    current: query.view === view,
  }));
  const first = query.view === "addresses" && !some;
  return (
    <>
      <PageHead
        title={t("title")}
        beside={<Tabs look="head" label={t("tabs.label")} items={tabs} />}
        line={query.view === "verify" || first}
        flush
        actions={first ? undefined : create}
      />
      {first ? (
        <EmptyState
          title={t("first.title")}
          body={t("first.body")}
          action={create}
          steps={[t("first.wecom"), t("first.paste"), t("first.done")]}
        />
      ) : null}
      {query.view === "addresses" && !first
        ? await listPart(() => Addresses({ actor, instances }), <AddressTableSkeleton />)
        : null}
      {query.view === "deliveries"
        ? await listPart(() => Deliveries({ actor, query }), <DeliveryTableSkeleton />)
        : null}
      {query.view === "verify" ? <VerifyGuide /> : null}
      {first ? <LiveRefresh moving={false} /> : null}
    </>
  );
}

const moving = (addresses: readonly NoticeAddressRow[]) => addresses.some(({ waiting }) => waiting > 0);

interface AddressesProps {
  actor: Actor<"notice:view">;
  instances: readonly InstanceOption[];
}

async function Addresses({ actor, instances }: AddressesProps) {
  const addresses = await listNoticeAddresses(actor);
  return (
    <>
      <div className="border-line border-t">
        <AddressTable addresses={addresses} instances={instances} />
      </div>
      <LiveRefresh moving={moving(addresses)} />
    </>
  );
}

interface DeliveriesProps {
  actor: Actor<"notice:view">;
  query: NoticeQuery;
}

async function Deliveries({ actor, query }: DeliveriesProps) {
  const [addresses, page, t, states, common] = await Promise.all([
    listNoticeAddresses(actor),
    listNoticeDeliveries(actor, query),
    getTranslations("notices.deliveries"),
    getTranslations("notices.state"),
    getTranslations("common"),
  ]);
  const filters = [
    query.state ? states(query.state) : null,
    query.address ? (addresses.find(({ id }) => id === query.address)?.name ?? t("gone")) : null,
  ].filter((word) => word !== null);
  const filtered = filters.length > 0;
  return (
    <>
      <DeliveryFilters query={query} addresses={addresses.map(({ id, name }) => ({ id, name }))} />
      <DeliveryTable
        deliveries={page.rows}
        enabled={addresses.filter(({ enabled }) => enabled).map(({ id }) => id)}
      />
      {page.rows.length === 0 && filtered ? (
        <FilteredEmpty clearLabel={common("clearFilters")} clearHref="/notifications?view=deliveries">
          {t("filteredEmpty", { filters: filters.join(common("listSeparator")) })}
        </FilteredEmpty>
      ) : null}
      {page.rows.length === 0 && !filtered ? (
        <p className="px-6 py-5 text-ink-2 max-md:px-4">{t("empty")}</p>
      ) : null}
      <div className="mt-auto">
        <Pager next={page.next} previous={page.previous} size={query.size}>
          {t("kept", { n: RETENTION_DAYS.notices })}
        </Pager>
      </div>
      <LiveRefresh moving={moving(addresses)} />
    </>
  );
}

NotificationsPage.heading = pageTitle;

export default consolePage(NotificationsPage, [
  "common.pager",
  "instances.conflict",
  "notices",
  "validation",
]);
