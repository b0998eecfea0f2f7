import { useTranslations } from "next-intl";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { cellClasses, FROM_1024, Head, HeadCell, Table } from "../kit/table.tsx";

export const ADDRESS_WIDTHS = [190, 220, 180, null, 88, 150] as const;
/** What it gets: where there is room for it. */
export const ADDRESS_LATER = [2] as const;

export function AddressHead() {
  const t = useTranslations("notices");
  return (
    <Head>
      <HeadCell>{t("name")}</HeadCell>
      <HeadCell>{t("address")}</HeadCell>
      <HeadCell className={FROM_1024}>{t("scope")}</HeadCell>
      <HeadCell>{t("lastHead")}</HeadCell>
      <HeadCell>{t("enabledHead")}</HeadCell>
      <HeadCell>{t("actions")}</HeadCell>
    </Head>
  );
}

/** Real heads, bars for rows: what stands there while the list is read. */
export function AddressTableSkeleton() {
  const t = useTranslations("notices");
  return (
    <Table
      caption={t("caption")}
      widths={ADDRESS_WIDTHS}
      later={ADDRESS_LATER}
      className="border-line border-t"
    >
      <AddressHead />
      <tbody>
        <SkeletonRows
          columns={ADDRESS_WIDTHS.length}
          classes={cellClasses(ADDRESS_WIDTHS.length, ADDRESS_LATER)}
        />
      </tbody>
    </Table>
  );
}
