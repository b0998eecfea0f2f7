import { useTranslations } from "next-intl";
import { FilterSpace, SkeletonRows } from "../kit/skeleton.tsx";
import { Head, HeadCell, Table } from "../kit/table.tsx";

export const DELIVERY_WIDTHS = [120, 150, 210, 128, null, 200] as const;

export function DeliveryHead() {
  const t = useTranslations("notices.deliveries");
  return (
    <Head>
      <HeadCell>{t("at")}</HeadCell>
      <HeadCell>{t("address")}</HeadCell>
      <HeadCell>{t("about")}</HeadCell>
      <HeadCell>{t("state")}</HeadCell>
      <HeadCell>{t("result")}</HeadCell>
      <HeadCell>{t("actions")}</HeadCell>
    </Head>
  );
}

/** Real heads, bars for rows: what stands there while the list is read. */
export function DeliveryTableSkeleton() {
  const t = useTranslations("notices.deliveries");
  return (
    <>
      <FilterSpace narrow="max-md:h-[109px]" className="border-line border-t" />
      <Table caption={t("caption")} widths={DELIVERY_WIDTHS}>
        <DeliveryHead />
        <tbody>
          <SkeletonRows columns={DELIVERY_WIDTHS.length} />
        </tbody>
      </Table>
    </>
  );
}
