import { useTranslations } from "next-intl";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { cellClasses, FROM_1024, Head, HeadCell, Table } from "../kit/table.tsx";

/** From 1280 px on a width each; below, a share each; below 1024 px role and creation stay away, so that no word breaks. */
export const USER_COLUMNS = [
  "w-[26%] lg:w-[20%] xl:w-[260px]",
  "max-lg:hidden lg:w-[11%] xl:w-[120px]",
  "w-[14%] lg:w-[11%] xl:w-[128px]",
  "w-[13%] lg:w-[11%] xl:w-auto",
  "w-[13%] lg:w-[11%] xl:w-[140px]",
  "max-lg:hidden lg:w-[10%] xl:w-[132px]",
  "xl:w-[272px]",
];
const LATER = [1, 5];

export function UserHead() {
  const t = useTranslations("users");
  return (
    <Head>
      <HeadCell>{t("member")}</HeadCell>
      <HeadCell className={FROM_1024}>{t("roleHead")}</HeadCell>
      <HeadCell>{t("status")}</HeadCell>
      <HeadCell>{t("grants")}</HeadCell>
      <HeadCell>{t("lastSignIn")}</HeadCell>
      <HeadCell className={FROM_1024}>{t("created")}</HeadCell>
      <HeadCell>{t("actions")}</HeadCell>
    </Head>
  );
}

/** Real heads, bars for rows: what stands there while the list is read. */
export function UserTableSkeleton() {
  const t = useTranslations("users");
  return (
    <Table caption={t("caption")} columns={USER_COLUMNS}>
      <UserHead />
      <tbody>
        <SkeletonRows columns={USER_COLUMNS.length} classes={cellClasses(USER_COLUMNS.length, LATER)} />
      </tbody>
    </Table>
  );
}
