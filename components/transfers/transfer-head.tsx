import { useTranslations } from "next-intl";
import { FilterSpace, SkeletonRows } from "../kit/skeleton.tsx";
import { Head, HeadCell, Table } from "../kit/table.tsx";

/** With the aside open, and with the whole width. */
export const TRANSFER_WIDTHS = {
  open: [164, 194, 138, 92, null],
  whole: [168, 362, 220, 110, null],
} as const;

export function TransferHead() {
  const t = useTranslations("transfers.column");
  return (
    <Head>
      <HeadCell>{t("status")}</HeadCell>
      <HeadCell>{t("repository")}</HeadCell>
      <HeadCell>{t("tag")}</HeadCell>
      <HeadCell align="right">{t("size")}</HeadCell>
      <HeadCell className="pl-5">{t("result")}</HeadCell>
    </Head>
  );
}

/** Real heads, bars for rows: what stands there while the list is read. */
export function TransferTableSkeleton() {
  const t = useTranslations("transfers");
  return (
    <>
      <FilterSpace narrow="max-md:h-[108px]" />
      <Table caption={t("caption")} widths={TRANSFER_WIDTHS.whole}>
        <TransferHead />
        <tbody>
          <SkeletonRows columns={TRANSFER_WIDTHS.whole.length} lines={1} />
        </tbody>
      </Table>
    </>
  );
}
