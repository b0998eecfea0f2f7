import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { consolePage, listPart } from "@/app/console-page.tsx";
import { EmptyState } from "@/components/kit/empty-state.tsx";
import { FilteredEmpty } from "@/components/kit/filtered-empty.tsx";
import { PageHead } from "@/components/kit/page-head.tsx";
import { Pager } from "@/components/kit/pager.tsx";
import { SearchField } from "@/components/kit/search-field.tsx";
import { Tabs } from "@/components/kit/tabs.tsx";
import { CreateUser } from "@/components/users/create-user.tsx";
import { GrantColumns } from "@/components/users/grant-columns.tsx";
import { GrantTableSkeleton } from "@/components/users/grant-head.tsx";
import { GrantMatrix } from "@/components/users/grant-matrix.tsx";
import { UserTableSkeleton } from "@/components/users/user-head.tsx";
import { UserTable } from "@/components/users/user-table.tsx";
import type { Actor } from "@/lib/auth/actor.ts";
import { authorizePage } from "@/lib/auth/page.ts";
import { findInstanceOption, listInstanceOptions } from "@/lib/data/instance-options.ts";
import { listUsers } from "@/lib/data/users.ts";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import { UserListQuery } from "@/lib/schemas/user.ts";
import { MATRIX_COLUMNS } from "@/lib/schemas/words.ts";

const pageTitle = async () => (await getTranslations("users"))("title");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

interface UsersPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

async function UsersPage({ searchParams }: UsersPageProps) {
  const actor = await authorizePage("user:list");
  const query = UserListQuery.parse(await searchParams);
  const { view, q } = query;
  const [instances, t] = await Promise.all([listInstanceOptions(actor), getTranslations("users")]);
  const columns = await columnsOf(actor, query, instances);
  const kept = q ? `q=${encodeURIComponent(q)}` : "";
  const tabs = [
    { href: `/users${kept && `?${kept}`}`, label: t("members"), current: view === "members" },
    {
      href: `/users?view=grants${kept && `&${kept}`}`,
      label: t("matrix.title"),
      current: view === "grants",
    },
  ];
  return (
    <>
      <PageHead
        title={t("title")}
        beside={<Tabs look="head" label={t("title")} items={tabs} />}
        line={false}
        flush
        actions={
          <>
            <SearchField
              label={t("search")}
              className="w-52 max-md:order-last max-md:w-full md:max-lg:w-40"
            />
            <CreateUser />
          </>
        }
      />
      {
        await listPart(
          () => Users({ actor, query, instances: columns, total: instances.length }),
          view === "grants" ? (
            <GrantTableSkeleton instances={columns} />
          ) : (
            <div className="border-line border-t">
              <UserTableSkeleton />
            </div>
          ),
        )
      }
    </>
  );
}

/** The instances that the matrix shows: one that was chosen, or a part of all. */
async function columnsOf(
  actor: Actor<"user:list">,
  { instance, columns }: UserListQuery,
  all: readonly InstanceOption[],
): Promise<readonly InstanceOption[]> {
  const chosen = instance === undefined ? null : await findInstanceOption(actor, instance);
  const from = (Math.min(columns, Math.max(1, Math.ceil(all.length / MATRIX_COLUMNS))) - 1) * MATRIX_COLUMNS;
  return chosen ? [chosen] : all.slice(from, from + MATRIX_COLUMNS);
}

interface UsersProps {
  actor: Actor<"user:list">;
  query: UserListQuery;
  /** Those that the matrix shows, and how many there are. */
  instances: readonly InstanceOption[];
  total: number;
}

async function Users({ actor, query, instances, total }: UsersProps) {
  const { view, q, size } = query;
  const [{ rows: users, next, previous }, t, common] = await Promise.all([
    listUsers(actor, query),
    getTranslations("users"),
    getTranslations("common"),
  ]);
  const first = users.length === 1 && !q && next === null && previous === null;
  const pager = { next, previous, size };
  const none =
    users.length > 0 ? null : (
      <FilteredEmpty
        clearLabel={common("clearFilters")}
        clearHref={view === "grants" ? "/users?view=grants" : "/users"}
      >
        {t("filteredEmpty", { q: q ?? "" })}
      </FilteredEmpty>
    );
  return (
    <>
      {view === "grants" && (!first || total === 0) ? (
        <GrantMatrix
          users={users}
          instances={instances}
          pager={pager}
          columns={<GrantColumns shown={instances} total={total} query={query} />}
          none={none}
        />
      ) : (
        <div className="flex flex-1 flex-col border-line border-t">
          <UserTable users={users} selfId={actor.user.id} />
          {none}
          {first || users.length === 0 ? null : (
            <div className="mt-auto">
              <Pager {...pager} />
            </div>
          )}
        </div>
      )}
      {first && (view === "members" || total > 0) ? (
        <EmptyState
          title={t("first.title")}
          body={t("first.body")}
          steps={[t("first.step1"), t("first.step2"), t("first.step3")]}
        />
      ) : null}
    </>
  );
}

UsersPage.heading = pageTitle;

export default consolePage(UsersPage, [
  "auth.account.new",
  "auth.displayName",
  "auth.newPassword",
  "auth.username",
  "common.grant",
  "common.health",
  "common.pager",
  "common.search",
  "common.unsaved",
  "rules.switcher",
  "users",
  "validation",
]);
