import { useTranslations } from "next-intl";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { Head, HeadCell, Table } from "../kit/table.tsx";

export const USER_WIDTHS = [260, 120, 120, null, 140, 140, 272] as const;

export function UserHead() {
  const t = useTranslations("users");
  return (
    <Head>
      <HeadCell>{t("member")}</HeadCell>
      <HeadCell>{t("roleHead")}</HeadCell>
      <HeadCell>{t("status")}</HeadCell>
      <HeadCell>{t("grants")}</HeadCell>
      <HeadCell>{t("lastSignIn")}</HeadCell>
      <HeadCell>{t("created")}</HeadCell>
      <HeadCell>{t("actions")}</HeadCell>
    </Head>
  );
}

/** Real heads, bars for rows: what stands there while the list is read. */
export function UserTableSkeleton() {
  const t = useTranslations("users");
  return (
    <Table caption={t("caption")} widths={USER_WIDTHS}>
      <UserHead />
      <tbody>
        <SkeletonRows columns={USER_WIDTHS.length} />
      </tbody>
    </Table>
  );
}
