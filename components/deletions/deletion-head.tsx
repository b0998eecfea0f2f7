import { useTranslations } from "next-intl";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { Head, HeadCell, Table } from "../kit/table.tsx";

export const DELETION_WIDTHS = [164, 240, 156, null, 148] as const;

export function DeletionHead() {
  const t = useTranslations("deletions");
  return (
    <Head>
      <HeadCell>{t("column.state")}</HeadCell>
      <HeadCell>{t("column.tag")}</HeadCell>
      <HeadCell>{t("column.target")}</HeadCell>
      <HeadCell>{t("column.result")}</HeadCell>
      <HeadCell>{t("column.actions")}</HeadCell>
    </Head>
  );
}

/** Real heads, bars for rows: what stands there while the list is read. */
export function DeletionTableSkeleton() {
  const t = useTranslations("deletions");
  return (
    <>
      <div className="h-[46px] shrink-0 max-md:h-[60px]" />
      <Table caption={t("caption")} widths={DELETION_WIDTHS}>
        <DeletionHead />
        <tbody>
          <SkeletonRows columns={DELETION_WIDTHS.length} />
        </tbody>
      </Table>
    </>
  );
}
