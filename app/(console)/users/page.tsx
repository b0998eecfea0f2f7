import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { consolePage, listPart } from "@/app/console-page.tsx";
import { EmptyState } from "@/components/kit/empty-state.tsx";
import { FilteredEmpty } from "@/components/kit/filtered-empty.tsx";
import { PageHead } from "@/components/kit/page-head.tsx";
import { SearchField } from "@/components/kit/search-field.tsx";
import { Tabs } from "@/components/kit/tabs.tsx";
import { CreateUser } from "@/components/users/create-user.tsx";
import { GrantTableSkeleton } from "@/components/users/grant-head.tsx";
import { GrantMatrix } from "@/components/users/grant-matrix.tsx";
import { UserTableSkeleton } from "@/components/users/user-head.tsx";
import { UserTable } from "@/components/users/user-table.tsx";
import type { Actor } from "@/lib/auth/actor.ts";
import { authorizePage } from "@/lib/auth/page.ts";
import { listInstanceOptions } from "@/lib/data/instance-options.ts";
import { listUsers } from "@/lib/data/users.ts";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import { UserListQuery } from "@/lib/schemas/user.ts";

const pageTitle = async () => (await getTranslations("users"))("title");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

interface UsersPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

async function UsersPage({ searchParams }: UsersPageProps) {
  const actor = await authorizePage("user:list");
  const { view, q } = UserListQuery.parse(await searchParams);
  const [instances, t] = await Promise.all([listInstanceOptions(actor), getTranslations("users")]);
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
          () => Users({ actor, query: { view, q }, instances }),
          view === "grants" ? (
            <GrantTableSkeleton instances={instances} />
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

interface UsersProps {
  actor: Actor<"user:list">;
  query: UserListQuery;
  instances: readonly InstanceOption[];
}

async function Users({ actor, query: { view, q }, instances }: UsersProps) {
  const [all, t, common] = await Promise.all([
    listUsers(actor),
    getTranslations("users"),
    getTranslations("common"),
  ]);
  const first = all.length === 1;
  const needle = (q ?? "").toLowerCase();
  const users = all.filter((user) => `${user.username} ${user.displayName}`.toLowerCase().includes(needle));
  return (
    <>
      {view === "grants" && (!first || instances.length === 0) ? (
        <GrantMatrix users={users} instances={instances} />
      ) : (
        <div className="border-line border-t">
          <UserTable users={users} selfId={actor.user.id} />
        </div>
      )}
      {users.length === 0 ? (
        <FilteredEmpty
          clearLabel={common("clearFilters")}
          clearHref={view === "grants" ? "/users?view=grants" : "/users"}
        >
          {t("filteredEmpty", { q: q ?? "" })}
        </FilteredEmpty>
      ) : null}
      {first && (view === "members" || instances.length > 0) ? (
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
  "common.search",
  "common.unsaved",
  "users",
  "validation",
]);
